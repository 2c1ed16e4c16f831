import type { LiveWords } from "./words-en.js";

export const fr: LiveWords = {
	endedTitle: "Votre session est terminée",
	ended: {
		"signed-out": () => "Vous vous êtes déconnecté dans un autre onglet ou une autre fenêtre de ce navigateur.",
		revoked: (by) =>
			by === null
				? "Elle a été fermée depuis la liste des sessions."
				: `Elle a été fermée par ${by}, depuis la liste des sessions.`,
		replaced: () => "Une connexion plus récente l’a remplacée.",
		expired: () =>
			"Elle est arrivée à son terme\u00a0: trop longtemps sans activité, ou durée maximale d’une session atteinte.",
		provider: () =>
			"Le fournisseur d’identité l’a fermée\u00a0: vous vous y êtes déconnecté, ou votre compte ne peut plus se connecter.",
		unknown: () => "Le hub ne la connaît plus.",
	},
	endedMark: (time) => `Depuis ${time}`,
	whatNow: "Ce que cela signifie",
	saved: "Ce que vous avez enregistré est conservé et vous le retrouverez après connexion.",
	unsaved:
		"Ce que vous avez saisi dans cet onglet sans l’enregistrer est perdu. La page a été retirée pour que personne d’autre ne la lise sur cet appareil.",
	covered:
		"Ce que vous avez saisi dans cet onglet est toujours là, couvert pour que personne d’autre ne le lise sur cet appareil. Il réapparaît quand vous vous reconnectez ici, et disparaît si l’onglet est fermé ou rechargé.",
	signInAgain: "Se connecter",
	uncover: "Une fenêtre s’ouvre\u00a0; cette page reprend ensuite où elle en était.",
	comeBack: "Vous reviendrez ensuite à cette page.",
	otherTitle: "Une autre personne est maintenant connectée",
	otherCause: (name) =>
		`Cette page était celle de ${name}. Depuis, un autre compte s’est connecté dans un autre onglet de ce navigateur.`,
	otherNext: "La recharger affiche cette adresse telle que la voit le compte connecté maintenant.",
	reload: "Recharger",
	offline: "Hors connexion.",
	stillWorks: "Vous pouvez lire, pas enregistrer.",
	away: "Le hub ne répond pas.",
	backAgain: "Connexion rétablie.",
	applicationsChanged: "Vos applications ont changé. Rechargez la page pour les utiliser dans leur état actuel.",
};
