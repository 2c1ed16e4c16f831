/** One calm line above the sheet while the network is gone, or the hub does not answer. */

import { element, ring } from "../element.js";
import type { Preferences } from "../preferences.js";
import type { Link } from "./wire.js";
import { liveWords } from "./words.js";

/** So long it says that all is well again. */
const GOOD_NEWS_SECONDS = 4;

export class Strip {
	readonly #line: HTMLElement;
	readonly #preferences: Preferences;
	#isOnline = true;
	#link: Link = "trying";
	#shown: "nothing" | "offline" | "away" | "back" = "nothing";
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** *line* is a live region that stands in the page, empty. */
	constructor(line: HTMLElement, preferences: Preferences) {
		this.#line = line;
		this.#preferences = preferences;
		preferences.watch(() => this.#draw());
	}

	network(isOnline: boolean): void {
		this.#isOnline = isOnline;
		this.#judge();
	}

	link(link: Link): void {
		this.#link = link;
		this.#judge();
	}

	#judge(): void {
		if (!this.#isOnline) {
			this.#show("offline");
		} else if (this.#link === "away") {
			this.#show("away");
		} else if (this.#shown === "away" && this.#link !== "live") {
			// Trying is no answer yet.
		} else if (this.#shown === "offline" || this.#shown === "away") {
			this.#show("back");
			this.#timer = setTimeout(() => this.#show("nothing"), GOOD_NEWS_SECONDS * 1000);
		}
	}

	#show(what: "nothing" | "offline" | "away" | "back"): void {
		if (this.#shown !== what) {
			clearTimeout(this.#timer);
			this.#shown = what;
			this.#draw();
		}
	}

	#draw(): void {
		const words = liveWords(this.#preferences);
		this.#line.dataset["says"] = this.#shown;
		switch (this.#shown) {
			case "offline":
				this.#say(ring("degraded"), words.offline, words.stillWorks);
				break;
			case "away":
				this.#say(ring("degraded"), words.away, words.stillWorks);
				break;
			case "back":
				this.#say(ring("fine"), words.backAgain, "");
				break;
			default:
				this.#line.replaceChildren();
		}
	}

	#say(mark: Node, what: string, still: string): void {
		this.#line.replaceChildren(mark, element("p", {}, element("b", {}, what), ` ${still}`));
	}
}
