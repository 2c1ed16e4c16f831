/** The front-ends that are open to the person: those of the page's start until the hub says otherwise. */

import type { Application, WidgetEntry } from "@mainhub/sdk/core";
import type { FrontendEntry } from "./boot.js";
import { firstPath } from "./routes.js";

export class FrontendList {
	#entries: readonly FrontendEntry[];
	readonly #watchers = new Set<() => void>();

	constructor(entries: readonly FrontendEntry[]) {
		this.#entries = entries;
	}

	get entries(): readonly FrontendEntry[] {
		return this.#entries;
	}

	/** As front-ends may know each other. */
	get applications(): readonly Application[] {
		return this.#entries.map((entry) => ({
			name: entry.name,
			titles: entry.titles,
			icon: entry.icon,
			path: firstPath(entry),
		}));
	}

	get widgets(): readonly WidgetEntry[] {
		return this.#entries.flatMap((entry) => entry.widgets);
	}

	named(name: string): FrontendEntry | null {
		return this.#entries.find((entry) => entry.name === name) ?? null;
	}

	replace(entries: readonly FrontendEntry[]): void {
		this.#entries = entries;
		for (const watcher of this.#watchers) {
			watcher();
		}
	}

	/** Calls *watcher* after every change. */
	watch(watcher: () => void): void {
		this.#watchers.add(watcher);
	}
}
