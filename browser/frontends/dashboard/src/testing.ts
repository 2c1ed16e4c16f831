/** What the shell would hand in, for tests. */

import type { FrontendProps, WidgetEntry, WidgetHost } from "@mainhub/sdk";

export function entry(id: string, title = id): WidgetEntry {
	const [frontend = "", name = ""] = id.split("/");
	const titles = { fr: `${title} (fr)`, en: title };
	return { id, frontend, name, titles, summaries: titles, icon: "box", size: "medium" };
}

/** A host whose widgets are a word each; *drawn* lists what stands there now. */
export function widgetHost(list: readonly WidgetEntry[], drawn: Set<string> = new Set()): WidgetHost {
	return {
		list,
		mount: async (id, element, signal) => {
			element.append(`widget ${id}`);
			drawn.add(id);
			signal.addEventListener("abort", () => drawn.delete(id));
		},
	};
}

export function frontendProps(changes: Partial<FrontendProps> = {}): FrontendProps {
	const nothing = () => {};
	return {
		name: "dashboard",
		domElement: document.createElement("div"),
		basePath: "/",
		signal: new AbortController().signal,
		user: { id: "1", name: "Linus Torvalds", email: null, roles: [], permissions: [], tenantId: null },
		can: () => false,
		login: async () => false,
		frontends: [],
		support: null,
		locale: "en",
		theme: "system",
		navigate: nothing,
		notify: nothing,
		api: async () => ({}),
		setTitle: nothing,
		send: () => true,
		onMessage: () => nothing,
		widgets: widgetHost([]),
		bus: {
			live: true,
			on: () => nothing,
			once: () => nothing,
			off: nothing,
			emit: async () => {},
			history: () => [],
		},
		...changes,
	};
}

/** Returns numbers from 0 to below 1, the same ones for the same *seed*. */
export function chance(seed: number): () => number {
	let state = seed;
	return () => {
		// A linear congruential generator: its numbers need only be many and the same each time.
		state = (state * 1664525 + 1013904223) % 2 ** 32;
		return state / 2 ** 32;
	};
}
