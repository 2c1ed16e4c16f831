/** Keeps the page's front-ends as the hub has them, without loading the page anew where that is safe. */

import type { Api } from "@mainhub/sdk/core";
import { type FrontendEntry, parseFrontends } from "../boot.js";
import type { FrontendList } from "../frontends.js";

export interface RegistryWorld {
	readonly api: Api;
	readonly frontends: FrontendList;
	readonly origin: string;
	/** The list has changed in what this page cannot take over. */
	readonly needsReload: () => void;
}

export class RegistryWatch {
	readonly #world: RegistryWorld;
	#isAsking = false;
	#isStale = false;

	constructor(world: RegistryWorld) {
		this.#world = world;
	}

	/** Asks for the list anew, once for all that is said meanwhile. Never rejects. */
	async refresh(): Promise<void> {
		this.#isStale = true;
		if (this.#isAsking) {
			return;
		}
		this.#isAsking = true;
		try {
			while (this.#isStale) {
				this.#isStale = false;
				this.#adopt(parseFrontends(await this.#world.api("/hub/v1/frontends", { background: true })));
			}
		} catch (error) {
			console.warn("The list of front-ends could not be asked for anew:", error);
		} finally {
			this.#isAsking = false;
		}
	}

	#adopt(now: readonly FrontendEntry[]): void {
		const { frontends } = this.#world;
		const before = frontends.entries;
		if (JSON.stringify(before) === JSON.stringify(now)) {
			return;
		}
		const safe = now.flatMap((entry) => {
			const old = before.find(({ name }) => name === entry.name);
			if (this.#isSafe(entry, old)) {
				return [entry];
			}
			// The code that runs stays; the rest of the entry may change.
			return old === undefined ? [] : [{ ...entry, url: old.url, integrity: old.integrity, widgets: old.widgets }];
		});
		if (JSON.stringify(safe) !== JSON.stringify(before)) {
			frontends.replace(safe);
		}
		if (JSON.stringify(safe) !== JSON.stringify(now)) {
			this.#world.needsReload();
		}
	}

	/** What this page's import map and policy do not know is for a new page; so is another version. */
	#isSafe(entry: FrontendEntry, old: FrontendEntry | undefined): boolean {
		if (old !== undefined) {
			return old.url === entry.url && old.integrity === entry.integrity;
		}
		return entry.url === null || new URL(entry.url, this.#world.origin).origin === this.#world.origin;
	}
}
