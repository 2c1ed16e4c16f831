import type { Locale } from "@mainhub/sdk";
import type { Outcome, Scope, Standing, Total } from "./cache.js";
import { type Counts, hitRatio } from "./history.js";
import { share } from "./readable.js";

type Texts<Name extends string> = Readonly<Record<Name, string>>;

const en = {
	heading: "Cache",
	source: "This process of the hub",
	summary: (ratio: string | null) =>
		ratio === null
			? "Nothing was asked for in the last ten minutes."
			: `${ratio} of what was asked for in the last ten minutes was at hand.`,
	// The chart.
	chart: "Last ten minutes",
	chartOf: "What was asked of the cache in the last ten minutes",
	counts: {
		level1: "Here",
		level2: "In level 2",
		stale: "An older value",
		misses: "Not there",
		errors: "Level 2 silent",
	} as Texts<keyof Counts>,
	ratio: "Share at hand",
	legend: "What the chart shows",
	noChart: "The chart could not be loaded. The table says the same.",
	noHistory: "Nothing was counted yet.",
	point: (time: string, counts: Counts) =>
		[
			time,
			...(hitRatio(counts) === null
				? ["nothing was asked for"]
				: [
						`${counts.level1} here`,
						`${counts.level2} in level 2`,
						`${counts.stale} older`,
						`${counts.misses} not there`,
					]),
			counts.errors > 0 ? `level 2 silent ${counts.errors} times` : "",
			hitRatio(counts) === null ? "" : `${share(hitRatio(counts) ?? 0, "en")} at hand`,
		]
			.filter(Boolean)
			.join(" · "),
	asTable: "As a table, by minute",
	minute: "Minute",
	// The levels.
	level1: "In this process",
	level2: "Shared by all processes",
	values: "Values",
	bytes: "Memory",
	ofLimit: (part: string, all: string) => `${part} of ${all}`,
	evictions: "Let go for want of room",
	titles: {
		none: "Not shared",
		shared: "Shared",
		unlinked: "Link lost",
		away: "Away",
	} as Texts<Standing>,
	meanings: {
		none: "Each process of the hub keeps its own values. With Redis (the setting redis.url) all have what one of them got, forget things together, and find them again after a restart.",
		shared: "What one process keeps, all have. What is forgotten is forgotten by all.",
		unlinked:
			"It may answer, but tells of no changes. What is here serves only where there is nothing better: pages may take a little longer, and show nothing that was changed.",
		away: "It does not answer. Each process asks the source by itself and nobody waits: pages may take a little longer, and none fails because of it. It is tried again each second.",
	} as Texts<Standing>,
	address: "Address",
	link: "Changes",
	coherences: {
		tracking: "the server tells of each",
		pubsub: "processes tell each other; what is here is believed for 2 s",
		local: "within this process",
	} as Texts<string>,
	unheard: "not heard at the moment",
	cause: "Cause",
	keys: "Keys on its server",
	about: (count: string) => `about ${count}`,
	pending: "Yet to be told",
	pendingText: (count: string) => `${count}, before it is believed again`,
	// What is asked for most.
	hotKeys: "Asked for most",
	noKeys: "Nothing is kept here yet",
	noKeysText: "What is asked for most will stand here.",
	key: "Key",
	hits: "Asked for",
	size: "Size",
	ends: "Ends",
	tags: "Tags",
	hotTags: "Tags asked for most",
	tag: "Tag",
	act: "Action",
	endsIn: (time: string) => `in ${time}`,
	ended: (time: string) => `ended ${time} ago`,
	// One key.
	lookUp: "Look up",
	lookUpKey: "Look a key up",
	outcomes: {
		hit: "Kept and fresh",
		miss: "Not kept",
		stale: "An older value",
		unavailable: "Not known",
	} as Texts<Outcome>,
	outcomeTexts: {
		hit: "Whoever asks is given this.",
		miss: "Whoever asks next makes it anew.",
		stale: "It is given only if there is no newer one.",
		unavailable: "Level 2 does not answer, and this process does not have it.",
	} as Texts<Outcome>,
	state: "State",
	level: "Where",
	levels: { 1: "in this process", 2: "in level 2" } as Readonly<Record<number, string>>,
	age: "Made",
	ago: (time: string) => `${time} ago`,
	noTags: "none",
	preview: "How it begins",
	whole: "Value",
	previewBytes: "Bytes, in hexadecimal digits",
	looking: "Looking the key up",
	again: "Look again",
	// Forgetting.
	forget: "Forget",
	forgetTitle: "Make the cache forget",
	what: "What",
	scopes: { key: "One key", pattern: "Keys by pattern", tag: "All with a tag", all: "Everything" } as Texts<Scope>,
	names: { key: "Key", pattern: "Pattern, * is any text", tag: "Tag", all: "" } as Texts<Scope>,
	forgetOf: (name: string) => `Forget all with the tag ${name}`,
	asks: {
		key: (name: string) => `Forget the key “${name}”?`,
		pattern: (name: string) => `Forget all keys that match “${name}”?`,
		tag: (name: string) => `Forget everything with the tag “${name}”?`,
		all: () => "Forget everything?",
	} as Readonly<Record<Scope, (name: string) => string>>,
	concerned: (count: number, told: string) =>
		count === 0
			? "This process has none of it."
			: count === 1
				? "This process has 1 value of it."
				: `This process has ${told} values of it.`,
	concernedThere: (told: string) => `The server of level 2 has about ${told} keys, others’ included.`,
	searched: "Level 2 is searched for it, which takes a while where it has many keys.",
	consequence: "It is fetched again when it is needed, so the next requests take longer.",
	all: "All processes forget it.",
	yes: "Forget it",
	forgetting: "Forgetting it",
	forgot: {
		key: (name: string) => `The key “${name}” is forgotten.`,
		pattern: (name: string) => `Keys that match “${name}” are forgotten.`,
		tag: (name: string) => `Everything with the tag “${name}” is forgotten.`,
		all: () => "Everything is forgotten.",
	} as Readonly<Record<Scope, (name: string) => string>>,
	forgotCount: (count: number, told: string) => (count === 1 ? "1 value went." : `${told} values went.`),
	untold: "Level 2 is told as soon as it answers.",
	// Totals.
	totals: "Since the process started",
	totalNames: {
		l1_hits: "Found here",
		l2_hits: "Found in level 2",
		stale: "Older values given",
		misses: "Not there",
		negative_hits: "Found that there is nothing",
		unavailable: "Level 2 needed and silent",
		fills: "Values made",
		coalesced: "Given what another one made",
		not_kept: "Made and forgotten meanwhile",
		factory_errors: "Failed to be made",
		factory_timeouts: "Took too long to be made",
		evictions: "Let go for want of room",
		l2_errors: "Failed commands to level 2",
		overflows: "Too much to tell level 2",
	} as Texts<Total>,
	refused: "Unreadable bytes in level 2",
};

export type CacheWords = typeof en;

const fr: CacheWords = {
	heading: "Cache",
	source: "Ce processus du hub",
	summary: (ratio) =>
		ratio === null
			? "Rien n’a été demandé pendant les dix dernières minutes."
			: `${ratio} de ce qui a été demandé pendant les dix dernières minutes était disponible.`,
	chart: "Dix dernières minutes",
	chartOf: "Ce qui a été demandé au cache pendant les dix dernières minutes",
	counts: {
		level1: "Ici",
		level2: "Au niveau 2",
		stale: "Valeur plus ancienne",
		misses: "Absent",
		errors: "Niveau 2 muet",
	},
	ratio: "Part disponible",
	legend: "Ce que montre le graphique",
	noChart: "Le graphique n’a pas pu être chargé. Le tableau dit la même chose.",
	noHistory: "Rien n’a encore été compté.",
	point: (time, counts) =>
		[
			time,
			...(hitRatio(counts) === null
				? ["rien n’a été demandé"]
				: [
						`ici\u00a0: ${counts.level1}`,
						`au niveau 2\u00a0: ${counts.level2}`,
						`plus anciennes\u00a0: ${counts.stale}`,
						`absentes\u00a0: ${counts.misses}`,
					]),
			counts.errors > 0 ? `niveau 2 muet\u00a0: ${counts.errors} fois` : "",
			hitRatio(counts) === null ? "" : `${share(hitRatio(counts) ?? 0, "fr")} disponible`,
		]
			.filter(Boolean)
			.join(" · "),
	asTable: "En tableau, par minute",
	minute: "Minute",
	level1: "Dans ce processus",
	level2: "Partagé par tous les processus",
	values: "Valeurs",
	bytes: "Mémoire",
	ofLimit: (part, all) => `${part} sur ${all}`,
	evictions: "Écartées faute de place",
	titles: { none: "Non partagé", shared: "Partagé", unlinked: "Lien perdu", away: "Absent" },
	meanings: {
		none: "Chaque processus du hub garde ses propres valeurs. Avec Redis (le réglage redis.url), tous disposent de ce que l’un d’eux a obtenu, oublient ensemble et retrouvent tout après un redémarrage.",
		shared: "Ce qu’un processus garde, tous l’ont. Ce qui est oublié l’est par tous.",
		unlinked:
			"Il répond peut-être, mais n’annonce aucun changement. Ce qui est ici ne sert que faute de mieux\u00a0: les pages peuvent être un peu plus lentes, et ne montrent rien qui ait été modifié.",
		away: "Il ne répond pas. Chaque processus interroge lui-même la source et personne n’attend\u00a0: les pages peuvent être un peu plus lentes, et aucune n’échoue pour cela. Nouvel essai chaque seconde.",
	},
	address: "Adresse",
	link: "Changements",
	coherences: {
		tracking: "le serveur annonce chacun",
		pubsub: "les processus se les annoncent\u00a0; ce qui est ici est cru 2\u00a0s",
		local: "dans ce processus",
	},
	unheard: "pas annoncés en ce moment",
	cause: "Cause",
	keys: "Clés sur son serveur",
	about: (count) => `environ ${count}`,
	pending: "Reste à lui dire",
	pendingText: (count) => `${count}, avant de le croire à nouveau`,
	hotKeys: "Les plus demandées",
	noKeys: "Rien n’est encore gardé ici",
	noKeysText: "Ce qui est le plus demandé s’affichera ici.",
	key: "Clé",
	hits: "Demandes",
	size: "Taille",
	ends: "Fin",
	tags: "Étiquettes",
	hotTags: "Étiquettes les plus demandées",
	tag: "Étiquette",
	act: "Action",
	endsIn: (time) => `dans ${time}`,
	ended: (time) => `finie il y a ${time}`,
	lookUp: "Consulter",
	lookUpKey: "Consulter une clé",
	outcomes: {
		hit: "Gardée et à jour",
		miss: "Pas gardée",
		stale: "Une valeur plus ancienne",
		unavailable: "Inconnu",
	},
	outcomeTexts: {
		hit: "Qui la demande reçoit ceci.",
		miss: "Le prochain qui la demande la produit.",
		stale: "Elle n’est donnée qu’à défaut d’une plus récente.",
		unavailable: "Le niveau 2 ne répond pas, et ce processus ne l’a pas.",
	},
	state: "État",
	level: "Où",
	levels: { 1: "dans ce processus", 2: "au niveau 2" },
	age: "Produite",
	ago: (time) => `il y a ${time}`,
	noTags: "aucune",
	preview: "Son début",
	whole: "Valeur",
	previewBytes: "Octets, en chiffres hexadécimaux",
	looking: "La consultation de la clé",
	again: "Consulter à nouveau",
	forget: "Oublier",
	forgetTitle: "Faire oublier au cache",
	what: "Quoi",
	scopes: { key: "Une clé", pattern: "Des clés par motif", tag: "Tout d’une étiquette", all: "Tout" },
	names: { key: "Clé", pattern: "Motif, * vaut tout texte", tag: "Étiquette", all: "" },
	forgetOf: (name) => `Oublier tout ce qui porte l’étiquette ${name}`,
	asks: {
		key: (name) => `Oublier la clé «\u00a0${name}\u00a0»\u00a0?`,
		pattern: (name) => `Oublier toutes les clés qui suivent «\u00a0${name}\u00a0»\u00a0?`,
		tag: (name) => `Oublier tout ce qui porte l’étiquette «\u00a0${name}\u00a0»\u00a0?`,
		all: () => "Tout oublier\u00a0?",
	},
	concerned: (count, told) =>
		count === 0
			? "Ce processus n’en a rien."
			: count === 1
				? "Ce processus en a 1\u00a0valeur."
				: `Ce processus en a ${told}\u00a0valeurs.`,
	concernedThere: (told) => `Le serveur du niveau 2 a environ ${told}\u00a0clés, celles d’autres comprises.`,
	searched: "Le niveau 2 est parcouru pour cela, ce qui dure s’il a beaucoup de clés.",
	consequence: "Ce qui est demandé ensuite est obtenu à nouveau\u00a0: les prochaines requêtes durent plus longtemps.",
	all: "Tous les processus l’oublient.",
	yes: "Confirmer l’oubli",
	forgetting: "L’oubli",
	forgot: {
		key: (name) => `La clé «\u00a0${name}\u00a0» est oubliée.`,
		pattern: (name) => `Les clés qui suivent «\u00a0${name}\u00a0» sont oubliées.`,
		tag: (name) => `Tout ce qui porte l’étiquette «\u00a0${name}\u00a0» est oublié.`,
		all: () => "Tout est oublié.",
	},
	forgotCount: (count, told) => (count === 1 ? "1\u00a0valeur retirée." : `${told}\u00a0valeurs retirées.`),
	untold: "Le niveau 2 l’apprendra dès qu’il répondra.",
	totals: "Depuis le démarrage du processus",
	totalNames: {
		l1_hits: "Trouvées ici",
		l2_hits: "Trouvées au niveau 2",
		stale: "Plus anciennes données",
		misses: "Absentes",
		negative_hits: "Trouvé qu’il n’y a rien",
		unavailable: "Niveau 2 requis et muet",
		fills: "Valeurs produites",
		coalesced: "Servies par la production d’un autre",
		not_kept: "Produites et oubliées entre-temps",
		factory_errors: "Productions en échec",
		factory_timeouts: "Productions trop longues",
		evictions: "Écartées faute de place",
		l2_errors: "Commandes au niveau 2 en échec",
		overflows: "Trop à dire au niveau 2",
	},
	refused: "Octets illisibles au niveau 2",
};

export const CACHE_WORDS: Readonly<Record<Locale, CacheWords>> = { en, fr };
