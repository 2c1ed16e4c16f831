import type { Locale } from "@mainhub/sdk";

const en = {
	heading: "Configuration",
	search: "Search settings, values and sources",
	source: "Configuration of this process",
	key: "Setting",
	value: "Value",
	from: "Where it comes from",
	notSet: "not set",
	secret: "secret",
	change: (key: string) => `Change ${key}`,
	changing: (key: string) => `Changing ${key}`,
	changed: (key: string, value: string) => `${key} is ${value} until the hub stops.`,
	onlySet: "Only what was set",
	empty: "No setting is shown",
	emptyText: "The hub tells its settings as soon as it has read them.",
};

export type ConfigurationWords = typeof en;

const fr: ConfigurationWords = {
	heading: "Configuration",
	search: "Rechercher un réglage, une valeur, une origine",
	source: "Configuration de ce processus",
	key: "Réglage",
	value: "Valeur",
	from: "D’où il vient",
	notSet: "non défini",
	secret: "secret",
	change: (key) => `Modifier ${key}`,
	changing: (key) => `La modification de ${key}`,
	changed: (key, value) => `${key} vaut ${value} jusqu’à l’arrêt du hub.`,
	onlySet: "Seulement ce qui a été défini",
	empty: "Aucun réglage n’est affiché",
	emptyText: "Le hub donne ses réglages dès qu’il les a lus.",
};

export const CONFIGURATION_WORDS: Readonly<Record<Locale, ConfigurationWords>> = { en, fr };
