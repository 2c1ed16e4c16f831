/** What a feed card says about the truth of what it shows. */

import type { Locale } from "../contract.js";

const en = {
	retry: "Retry",
	loading: "Loading",
	silent: "The hub is not answering",
	unable: "The hub could not answer",
	offline: (since: string) => `This browser has not reached the hub since ${since}.`,
	unreadable: (since: string) => `Since ${since} the hub has answered in a way that this card cannot read.`,
	broken: (since: string, status: number) => `The hub has answered with error ${status} since ${since}.`,
	refused: "Your roles do not open this",
	ended: "Your session has ended",
	endedText: (since: string) => `Since ${since} the hub no longer shows anything new here.`,
	nextTry: (seconds: string) => `Next try in ${seconds}`,
	notBeforeSignIn: "Waiting until you sign in",
	trying: "Trying again",
	fromTime: (time: string) => `from ${time}`,
	noAnswer: (time: string) => `No answer since ${time}`,
	trace: "Trace",
	copyTrace: (trace: string) => `Copy trace ${trace}`,
	copied: "Trace copied.",
	hub: "Hub",
};

export type FeedWords = typeof en;

const fr: FeedWords = {
	retry: "Réessayer",
	loading: "Chargement",
	silent: "Le hub ne répond pas",
	unable: "Le hub n’a pas pu répondre",
	offline: (since) => `Ce navigateur ne joint plus le hub depuis ${since}.`,
	unreadable: (since) => `Depuis ${since}, la réponse du hub n’est pas lisible par cette carte.`,
	broken: (since, status) => `Le hub répond par l’erreur ${status} depuis ${since}.`,
	refused: "Vos rôles n’ouvrent pas ceci",
	ended: "Votre session est terminée",
	endedText: (since) => `Depuis ${since}, le hub n’affiche plus rien de nouveau ici.`,
	nextTry: (seconds) => `Nouvel essai dans ${seconds}`,
	notBeforeSignIn: "En attente de votre connexion",
	trying: "Nouvel essai en cours",
	fromTime: (time) => `données de ${time}`,
	noAnswer: (time) => `Sans réponse depuis ${time}`,
	trace: "Trace",
	copyTrace: (trace) => `Copier la trace ${trace}`,
	copied: "Trace copiée.",
	hub: "Hub",
};

export const FEED_WORDS: Readonly<Record<Locale, FeedWords>> = { en, fr };
