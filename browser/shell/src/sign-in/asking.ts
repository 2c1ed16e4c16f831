/** One request to the person to sign in, or to give one more proof: a dialog, and a popup once they agree. */

import type { Preferences } from "../preferences.js";
import type { AskDialog } from "./dialogs.js";
import { hearPopups, openPopup, type Said, wayIn } from "./popup.js";
import type { Answer } from "./standing.js";

/** `login`: they asked for it themselves. */
export type Kind = "signedOut" | "step-up" | "login";

export interface AskingWorld {
	readonly page: Window;
	readonly preferences: Preferences;
	/** Whose page this is. */
	readonly person: string;
	/** What this page's popups call it. */
	readonly tab: string;
	readonly loadPage: (url: string) => void;
	readonly standing: () => Promise<Answer>;
	/** Somebody else is signed in now. */
	readonly other: () => void;
}

export class Asking {
	/** Whether the person did it. */
	readonly done: Promise<boolean>;
	readonly #world: AskingWorld;
	readonly #kind: Kind;
	readonly #path: string;
	readonly #over = new AbortController();
	#settle: (isDone: boolean) => void = () => {};
	#dialog: AskDialog | null = null;
	#state: "asks" | "waits" | "failed" = "asks";

	/** *path* is where it is done. */
	constructor(world: AskingWorld, kind: Kind, path: string) {
		this.#world = world;
		this.#kind = kind;
		this.#path = path;
		this.done = new Promise((resolve) => {
			this.#settle = resolve;
		});
	}

	/** Asks, and hears what popups say. */
	async start(): Promise<void> {
		if (this.#over.signal.aborted) {
			return;
		}
		const end = hearPopups(this.#world.tab, (said, isOwn) => this.#hear(said, isOwn));
		this.#over.signal.addEventListener("abort", end, { once: true });
		if (this.#kind === "signedOut") {
			// They may have signed in elsewhere, in a page that told nobody.
			this.#world.page.addEventListener("focus", () => void this.#check(false), { signal: this.#over.signal });
		}
		try {
			const { askDialog } = await import("./dialogs.js");
			if (!this.#over.signal.aborted) {
				this.#dialog = askDialog(this.#kind, this.#world.preferences, {
					open: () => this.open(),
					leave: () => this.open(true),
					cancel: () => this.end(false),
				});
				this.#dialog.show(this.#state);
			}
		} catch (error) {
			console.warn("The dialog for signing in did not load:", error);
			if (this.#state === "asks") {
				this.end(false);
			}
		}
	}

	/** Opens the popup, in a click; the page is left where that is blocked, or asked for. */
	open(redirect = false): void {
		const { page, tab, loadPage } = this.#world;
		const isOpen = !redirect && openPopup(page, wayIn(this.#path, page.location, tab), tab);
		if (!isOpen) {
			loadPage(wayIn(this.#path, page.location));
		}
		this.#say(isOpen ? "waits" : "asks");
	}

	end(isDone: boolean): void {
		this.#over.abort();
		this.#dialog?.close();
		this.#settle(isDone);
	}

	#hear(said: Said, isOwn: boolean): void {
		if (said === "signed-in" && (isOwn || this.#kind !== "step-up")) {
			void this.#check(isOwn);
		} else if (isOwn) {
			this.#say("failed");
		}
	}

	/** Asks the hub who is signed in: what a popup says may be forged, or be about somebody else. */
	async #check(isPromised: boolean): Promise<void> {
		const answer = await this.#world.standing();
		if (this.#over.signal.aborted) {
			return;
		}
		if (typeof answer === "string") {
			if (isPromised) {
				this.#say("failed");
			}
		} else if (answer.person === this.#world.person) {
			this.end(true);
		} else {
			this.end(false);
			this.#world.other();
		}
	}

	#say(state: "asks" | "waits" | "failed"): void {
		this.#state = state;
		this.#dialog?.show(state);
	}
}
