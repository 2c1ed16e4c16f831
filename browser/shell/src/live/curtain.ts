/** What stands in the page's place once its session is over: for good, or until the same person is back. */

import type { Preferences } from "../preferences.js";
import type { EndedPage } from "./ended-page.js";

export class Curtain {
	readonly #root: HTMLElement;
	readonly #preferences: Preferences;
	#down: { readonly isCover: boolean; readonly end: AbortController } | null = null;

	/** *root* holds all that is the person's. */
	constructor(root: HTMLElement, preferences: Preferences) {
		this.#root = root;
		this.#preferences = preferences;
	}

	/** Whether nothing of the person can be seen. */
	get isDown(): boolean {
		return this.#down !== null;
	}

	/** Puts *page* in the place of all; `false` where something final, or the like, stands there. */
	fall({ element, title, isCover }: EndedPage): boolean {
		if (this.#down !== null && (isCover || !this.#down.isCover)) {
			return false;
		}
		this.#down?.end.abort();
		const end = new AbortController();
		this.#down = { isCover, end };
		this.#root.hidden = isCover;
		if (isCover) {
			this.#root.after(element);
			end.signal.addEventListener("abort", () => element.remove());
		} else {
			this.#root.replaceChildren(element);
		}
		this.#preferences.watch(() => {
			document.title = `${title()} · MainHub`;
		}, end.signal);
		element.focus();
		return true;
	}

	/** Shows again what was covered; `false` where nothing was. */
	rise(): boolean {
		if (this.#down?.isCover !== true) {
			return false;
		}
		this.#down.end.abort();
		this.#down = null;
		this.#root.hidden = false;
		return true;
	}
}
