import type { PageWords } from "./words-en.js";

export const fr: PageWords = {
	refusedMark: "Accès refusé",
	refusedText: (roles) => `Il faut le rôle ${roles}.`,
	refusedYours: (roles) => `Vous avez ${roles}.`,
	refusedNone: "Vous êtes identifié, mais sans rôle.",
	askSupport: (support) => `Les rôles sont accordés par ${support}.`,
	askAnybody: "Les rôles sont accordés par l’administration de ce hub\u00a0; joignez la trace à votre demande.",
	refusedAfter: "Une fois le rôle accordé, déconnectez-vous, reconnectez-vous, puis ouvrez cette page.",
	notFoundText: "Le lien est peut-être ancien ou mal saisi. Votre session n’est pas en cause.",
	address: "Adresse",
	whatHelps: "Ce qui aide",
};
