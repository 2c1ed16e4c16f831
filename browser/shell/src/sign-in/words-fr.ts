import type { SignInWords } from "./words-en.js";

export const fr: SignInWords = {
	ended: "Votre session est terminée.",
	signedOut: {
		title: "Votre session est terminée",
		text: "Reconnectez-vous pour continuer. Cette page reste telle quelle, avec ce que vous avez saisi.",
		go: "Se connecter",
	},
	"step-up": {
		title: "Une confirmation est nécessaire",
		text: "Pour cette action, vous devez prouver à nouveau votre identité, par exemple avec un second facteur. Une fenêtre de votre fournisseur d’identité s’ouvre\u00a0; cette page reste telle quelle.",
		go: "Continuer",
	},
	login: {
		title: "Se reconnecter",
		text: "Une fenêtre de votre fournisseur d’identité s’ouvre\u00a0; cette page reste telle quelle.",
		go: "Se connecter",
	},
	waiting: "Continuez dans la fenêtre qui s’est ouverte. Ensuite, cette page reprendra d’elle-même.",
	failed: "Cela n’a pas abouti. L’autre fenêtre dit pourquoi.",
	openAgain: "Rouvrir la fenêtre",
	here: "Plutôt dans cette page",
	hereLoses: "«\u00a0Plutôt dans cette page\u00a0» quitte cette page, et ce que vous y avez saisi est perdu.",
	cancel: "Annuler",
	repeat: "C’est confirmé. Ce que vous vouliez faire n’a pas encore été exécuté\u00a0: veuillez recommencer.",
	idleTitle: "Votre session va se terminer",
	idleText:
		"Vous n’avez pas utilisé le hub depuis un moment. Restez connecté, sinon la session se termine d’elle-même.",
	limitTitle: "Votre session arrive à sa durée maximale",
	limitText: "Aucune session ne dure plus longtemps. Reconnectez-vous, et cette page continue telle quelle.",
	left: "Temps restant",
	leftSaid: ({ minutes, seconds }) =>
		minutes > 0 ? `Il reste ${minutes}\u00a0min ${seconds}\u00a0s` : `Il reste ${seconds}\u00a0secondes`,
	stay: "Rester connecté",
	signOut: "Se déconnecter",
	stayFailed: "Le hub n’a pas répondu. Veuillez réessayer.",
};
