/** What all sections of the administration say alike. */

import type { Locale } from "@mainhub/sdk";

const en = {
	title: "Administration",
	sections: {
		frontends: "Front-ends",
		sessions: "Sessions",
		access: "Access",
		health: "Health",
		resilience: "Resilience",
		cache: "Cache",
		events: "Events",
		audit: "Audit",
		configuration: "Configuration",
	} as Readonly<Record<string, string>>,
	navigation: "Sections of the administration",
	unknown: "There is no such section",
	close: "Close",
	cancel: "Cancel",
	search: "Search",
	nothingFound: (words: string) => `Nothing matches “${words}”`,
	nothingFoundText: "Search for something else, or clear the search.",
	copied: "Copied.",
	failed: (what: string) => `${what} did not work.`,
	trace: (id: string) => `Trace ${id}`,
	stale: "Somebody changed it meanwhile. The list shows how it is now.",
	count: (shown: number, all: number) => (shown === all ? `${all}` : `${shown} of ${all}`),
};

export type Words = typeof en;

const fr: Words = {
	title: "Administration",
	sections: {
		frontends: "Applications",
		sessions: "Sessions",
		access: "Accès",
		health: "Santé",
		resilience: "Résilience",
		cache: "Cache",
		events: "Événements",
		audit: "Audit",
		configuration: "Configuration",
	},
	navigation: "Sections de l’administration",
	unknown: "Cette section n’existe pas",
	close: "Fermer",
	cancel: "Annuler",
	search: "Rechercher",
	nothingFound: (words) => `Rien ne correspond à « ${words} »`,
	nothingFoundText: "Cherchez autre chose, ou effacez la recherche.",
	copied: "Copié.",
	failed: (what) => `${what} n’a pas abouti.`,
	trace: (id) => `Trace ${id}`,
	stale: "Quelqu’un l’a modifié entre-temps. La liste montre l’état actuel.",
	count: (shown, all) => (shown === all ? `${all}` : `${shown} sur ${all}`),
};

export const WORDS: Readonly<Record<Locale, Words>> = { en, fr };
