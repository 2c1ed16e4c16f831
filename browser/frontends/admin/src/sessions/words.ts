import type { Locale } from "@mainhub/sdk";

const en = {
	heading: "Sessions",
	search: "Search by name, device or address",
	source: "Sessions of the hub",
	person: "Person",
	device: "Device",
	address: "Address",
	since: "Signed in",
	seen: "Last seen",
	ends: "Ends",
	act: "Action",
	thisOne: "this session",
	unknownDevice: "Unknown browser",
	on: (browser: string, system: string) => `${browser} on ${system}`,
	orIdle: (time: string) => `or ${time} without use`,
	end: "End",
	endOf: (name: string, device: string) => `End the session of ${name} on ${device}`,
	ask: (name: string) => `End it? ${name}’s pages close at once, and what is unsaved there is lost.`,
	askOwn: "This is your own session: you will be signed out here.",
	yes: "End the session",
	askAll: (name: string, count: number, isAtLeast: boolean) =>
		`${name} has ${isAtLeast ? "at least " : ""}${count} ${count === 1 ? "session" : "sessions"}.`,
	askAllOwn: "Ending all of yours signs you out everywhere, here too.",
	yesAll: "End all of this person",
	endedAll: (name: string, count: number) =>
		count === 1 ? `The session of ${name} has ended.` : `${count} sessions of ${name} have ended.`,
	noneLeft: (name: string) => `${name} had no session any more.`,
	endingAll: (name: string) => `Ending all sessions of ${name}`,
	no: "Keep it",
	ended: (name: string) => `The session of ${name} has ended.`,
	ending: (name: string) => `Ending the session of ${name}`,
	truncated: "There are more sessions than are listed here.",
	empty: "Nobody is signed in",
	emptyText: "The next sign-in will stand here.",
};

export type SessionWords = typeof en;

const fr: SessionWords = {
	heading: "Sessions",
	search: "Rechercher un nom, un appareil, une adresse",
	source: "Sessions du hub",
	person: "Personne",
	device: "Appareil",
	address: "Adresse",
	since: "Connexion",
	seen: "Dernière activité",
	ends: "Fin",
	act: "Action",
	thisOne: "cette session",
	unknownDevice: "Navigateur inconnu",
	on: (browser, system) => `${browser} sous ${system}`,
	orIdle: (time) => `ou ${time} sans activité`,
	end: "Terminer",
	endOf: (name, device) => `Terminer la session de ${name} sur ${device}`,
	ask: (name) => `La terminer ? Les pages de ${name} se ferment aussitôt, et ce qui n’y est pas enregistré est perdu.`,
	askOwn: "C’est votre propre session : vous serez déconnecté ici.",
	yes: "Terminer la session",
	askAll: (name, count, isAtLeast) =>
		`${name} a ${isAtLeast ? "au moins " : ""}${count}\u00a0${count === 1 ? "session" : "sessions"}.`,
	askAllOwn: "Terminer toutes les vôtres vous déconnecte partout, ici aussi.",
	yesAll: "Terminer toutes celles de cette personne",
	endedAll: (name, count) =>
		count === 1 ? `La session de ${name} est terminée.` : `${count}\u00a0sessions de ${name} sont terminées.`,
	noneLeft: (name) => `${name} n’avait plus de session.`,
	endingAll: (name) => `La fin de toutes les sessions de ${name}`,
	no: "La garder",
	ended: (name) => `La session de ${name} est terminée.`,
	ending: (name) => `La fin de la session de ${name}`,
	truncated: "Il y a plus de sessions que celles listées ici.",
	empty: "Personne n’est connecté",
	emptyText: "La prochaine connexion s’affichera ici.",
};

export const SESSION_WORDS: Readonly<Record<Locale, SessionWords>> = { en, fr };
