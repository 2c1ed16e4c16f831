import type { Locale } from "@mainhub/sdk";
import type { CheckState, Criticality } from "./health.js";

const en = {
	heading: "Health",
	source: "Checks of the hub",
	summary: {
		fine: "Everything answers.",
		degraded: "Something behind the hub does not work as it should. The hub itself serves.",
		failed: "Something that the hub cannot do without is out of service.",
		unknown: "Not everything was looked at yet.",
	} as Readonly<Record<CheckState, string>>,
	states: { fine: "In service", degraded: "Impaired", failed: "Out of service", unknown: "Not known yet" } as Readonly<
		Record<CheckState, string>
	>,
	criticalities: {
		critical: "critical",
		important: "important",
		optional: "optional",
	} as Readonly<Record<Criticality, string>>,
	kinds: {
		database: "Database",
		identity: "Identity provider",
		service: "Service",
		events: "Events",
		telemetry: "Telemetry",
	} as Readonly<Record<string, string>>,
	what: "What is looked at",
	state: "State",
	since: "Since",
	last: "Last look",
	next: "Next look",
	took: "Took",
	found: "What was found",
	fresh: "Look now",
	looking: "Looking at everything now",
	looked: "Everything was looked at just now.",
	process: (version: string, pid: number, since: string) =>
		`MainHub ${version}, process ${pid}, running since ${since}`,
	empty: "Nothing is looked at",
	emptyText: "Database, identity providers and services stand here once they are configured.",
};

export type HealthWords = typeof en;

const fr: HealthWords = {
	heading: "Santé",
	source: "Contrôles du hub",
	summary: {
		fine: "Tout répond.",
		degraded: "Quelque chose derrière le hub ne fonctionne pas comme prévu. Le hub lui-même répond.",
		failed: "Quelque chose dont le hub ne peut se passer est hors service.",
		unknown: "Tout n’a pas encore été contrôlé.",
	},
	states: { fine: "En service", degraded: "Perturbé", failed: "Hors service", unknown: "Pas encore connu" },
	criticalities: { critical: "critique", important: "important", optional: "facultatif" },
	kinds: {
		database: "Base de données",
		identity: "Fournisseur d’identité",
		service: "Service",
		events: "Événements",
		telemetry: "Télémétrie",
	},
	what: "Ce qui est contrôlé",
	state: "État",
	since: "Depuis",
	last: "Dernier contrôle",
	next: "Prochain",
	took: "Durée",
	found: "Constat",
	fresh: "Contrôler maintenant",
	looking: "Le contrôle de l’ensemble",
	looked: "Tout vient d’être contrôlé.",
	process: (version, pid, since) => `MainHub ${version}, processus ${pid}, en marche depuis ${since}`,
	empty: "Rien n’est contrôlé",
	emptyText: "La base de données, les fournisseurs d’identité et les services s’afficheront ici une fois configurés.",
};

export const HEALTH_WORDS: Readonly<Record<Locale, HealthWords>> = { en, fr };
