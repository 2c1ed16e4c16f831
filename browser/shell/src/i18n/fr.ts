import type { Messages } from "./en.js";

// \u00a0 is the space that a line never breaks at; French puts it before ; : ! ? and units.
export const fr: Messages = {
	skip: "Aller au contenu",
	home: "Accueil",
	applications: "Applications",
	account: "Compte",
	mainNavigation: "Navigation principale",
	breadcrumb: "Fil d’Ariane",
	development: "Développement · connexion simulée",
	roles: "Rôles",
	noRole: "Aucun rôle",
	language: "Langue",
	theme: "Thème",
	themeLight: "Clair",
	themeDark: "Sombre",
	themeSystem: "Système",
	mySessions: "Mes sessions",
	signOut: "Se déconnecter",
	signOutFailed: "Le hub n’a pas confirmé votre déconnexion. Veuillez réessayer.",
	close: "Fermer",
	notifications: "Messages",
	noApplications: "Aucune application ne vous est encore ouverte.",
	loading: (name) => `Chargement\u00a0: ${name}`,
	opened: (name) => `${name}, page ouverte`,
	failed: "ne s’affiche pas",
	failedTitle: (name) => `${name} ne s’est pas affiché`,
	notLost: "Le reste du hub fonctionne et rien de ce que vous avez enregistré n’est perdu.",
	retry: "Réessayer",
	whatHappened: "Ce qui s’est passé",
	stepLoad: "Chargement",
	stepMount: "Affichage",
	stepDone: "terminé",
	cause: {
		network: ({ tries }) =>
			`Son fichier n’a pas pu être obtenu (${tentatives(tries)})\u00a0: le réseau n’a pas transmis la demande.`,
		timeout: ({ seconds }) => `Son fichier n’est pas arrivé en ${seconds}\u00a0s.`,
		server: ({ status, tries }) => `Le serveur qui détient son fichier a répondu ${status} (${tentatives(tries)}).`,
		missing: ({ status }) =>
			status === null
				? "Cette application est enregistrée, mais la version du hub en service ici ne contient pas son fichier."
				: `Son fichier n’existe pas\u00a0: le serveur a répondu ${status}. La version publiée est incomplète.`,
		status: ({ status }) => `Le serveur a refusé son fichier (${status}).`,
		integrity: () =>
			"Son fichier n’est pas celui qui a été publié\u00a0; il n’a donc pas été exécuté. Il a pu être modifié en chemin.",
		evaluation: () => "Son fichier est arrivé, mais s’est arrêté sur une erreur dès son démarrage.",
		stuck: ({ seconds }) => `Son fichier est arrivé, mais n’a pas fini de démarrer en ${seconds}\u00a0s.`,
		contract: () => "Son fichier est arrivé, mais n’offre rien que le hub puisse afficher.",
		"not-open": () => "Cet élément ne fait pas, ou plus, partie de ce qui vous est ouvert.",
		mount: () => "Le fichier est arrivé, mais une erreur a interrompu l’affichage.",
		"mount-timeout": ({ seconds }) => `Le fichier est arrivé, mais l’affichage n’a pas abouti en ${seconds}\u00a0s.`,
	},
	outcome: {
		network: "pas de connexion",
		timeout: "pas de réponse à temps",
		server: "erreur du serveur",
		missing: "fichier introuvable",
		status: "refusé",
		integrity: "pas le fichier publié",
		evaluation: "erreur au démarrage",
		stuck: "démarrage inachevé",
		contract: "rien à afficher",
		"not-open": "non ouvert",
		mount: "erreur",
		"mount-timeout": "affichage inachevé",
	},
	colon: "\u00a0: ",
	trace: "Trace",
	copyTrace: (trace) => `Copier la trace ${trace}`,
	copied: "Copié",
	lateTitle: (name) => `Une partie de ${name} s’est arrêtée sur une erreur.`,
	lateText: "Vous pouvez continuer. Si quelque chose ne réagit plus, relancez l’application.",
	restart: "Relancer",
	dismiss: "Masquer",
	refusedTitle: (name) => `${name} ne vous est pas ouvert`,
	notFoundTitle: "Il n’y a rien à cette adresse",
};

function tentatives(tries: number): string {
	return tries === 1 ? "1\u00a0tentative" : `${tries}\u00a0tentatives`;
}
