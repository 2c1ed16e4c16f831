/** Boot data and front-ends for tests. */

import type { FrontendEntry } from "./boot.js";

export function frontend(name: string, routes: readonly string[] = [`/${name}`]): FrontendEntry {
	const titles = { fr: `${name} (fr)`, en: name };
	return { name, titles, icon: "home", order: 10, routes, url: `/static/${name}.js`, integrity: null, widgets: [] };
}

export function bootData(): Record<string, unknown> {
	return {
		version: "0.1.0",
		mode: "development",
		user: { id: "1", name: "Linus", email: null, roles: ["Employee"], tenantId: null },
		provider: { name: "entra", title: "Microsoft Entra ID" },
		frontends: [
			{ ...frontend("late"), order: 20 },
			{ ...frontend("home", ["/"]), order: 10 },
		],
		locale: "fr",
		theme: "system",
		traceId: "0".repeat(32),
		refused: null,
		notFound: false,
		support: null,
		modules: { fluent: "/static/fluent.js" },
		limits: { loadSeconds: 8, mountSeconds: 30, attempts: 3, maxLoaded: 5, unloadAfterSeconds: 1800 },
	};
}
