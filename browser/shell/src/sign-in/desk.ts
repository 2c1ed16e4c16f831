/** Where an open page signs its person in again: on their wish, on the hub's, or before the session ends. */

import type { Api, ApiProblem, LoginOptions } from "@mainhub/sdk/core";
import type { WantedCall } from "../api.js";
import { newTraceId } from "../trace.js";
import { signInAgain, signOut } from "./again.js";
import { Asking, type AskingWorld, type Kind } from "./asking.js";
import type { IdleDialog } from "./dialogs.js";
import { IdleWatch } from "./idle.js";
import { hearPopups } from "./popup.js";
import { askStanding, type Standing } from "./standing.js";

export interface DeskParts extends Pick<AskingWorld, "page" | "preferences" | "person" | "loadPage" | "other"> {
	readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
	readonly api: Api;
	readonly notify: (message: string) => void;
	/** The person of this page is signed in, after having been asked or in another tab. */
	readonly signedIn: () => void;
	/** Nobody is signed in, and nobody asked. */
	readonly ended: () => void;
	readonly signOut: () => void;
}

const LOGIN = "/auth/login";
const STEP_UP = /^\/auth\/stepup(?:\?|$)/;
/** Uses the session; any request of the person does. */
const USE = "/hub/v1/frontends";
/** Ends differ by less than this where they are the same. */
const SAME_END_MS = 1500;

export class Desk {
	readonly #parts: DeskParts;
	readonly #world: AskingWorld;
	readonly #again: () => void;
	readonly #idle: IdleWatch;
	/** By where it is done: calls that want the same wait for one dialog. */
	readonly #asked = new Map<string, { readonly asking: Asking; waiters: number }>();
	#last: Promise<unknown> = Promise.resolve();
	#warning: Promise<IdleDialog> | null = null;

	constructor(parts: DeskParts) {
		const { page, preferences, person, loadPage, other, fetch } = parts;
		const standing = () => askStanding(fetch);
		this.#parts = parts;
		this.#world = { page, preferences, person, loadPage, other, standing, tab: newTraceId() };
		this.#again = signInAgain({ window: page, loadPage, giveUp: parts.ended });
		this.#idle = new IdleWatch({
			ask: standing,
			use: () => parts.api(USE),
			warn: (found) => void this.#warn(found),
			calm: () => this.#calm(),
			over: parts.ended,
			channel: "BroadcastChannel" in page ? new BroadcastChannel(`mainhub-session-${person}`) : undefined,
		});
		hearPopups(this.#world.tab, (said, isOwn) => {
			if (said === "signed-in" && !isOwn) {
				void this.look();
			}
		});
		for (const moment of ["focus", "pageshow"]) {
			page.addEventListener(moment, () => this.#idle.wake());
		}
		void this.#idle.look();
	}

	/** Signs in anew: the popup opens at once, so it must be called in a click. */
	async login({ redirect = false }: LoginOptions = {}): Promise<boolean> {
		const asking = new Asking(this.#world, "login", LOGIN);
		asking.open(redirect);
		void asking.start();
		return await this.#ended(asking);
	}

	/** Asks the person for what the hub wants of them; resolves to whether they gave it. */
	async wanted(problem: ApiProblem, call: WantedCall): Promise<boolean> {
		const isUnknown = problem.stepUp === null;
		if (call.background) {
			if (isUnknown) {
				this.#parts.ended();
			}
			return false;
		}
		if (isUnknown && this.#parts.page.navigator.userActivation?.hasBeenActive === false) {
			// Nothing was typed in this page yet, so nothing is lost.
			this.#again();
			return false;
		}
		const path = isUnknown ? LOGIN : problem.stepUp;
		if (path === null || (path !== LOGIN && !STEP_UP.test(path))) {
			return false;
		}
		const isDone = await this.#ask(isUnknown ? "signedOut" : "step-up", path, call.signal);
		if (isDone && !call.isRepeated) {
			const { repeatWords } = await import("./dialogs.js");
			this.#parts.notify(repeatWords(this.#parts.preferences));
		}
		return isDone;
	}

	/** Asks the hub anew who is signed in; tells when it is the person of this page. */
	async look(): Promise<void> {
		const answer = await this.#world.standing();
		if (typeof answer === "string") {
			return;
		}
		if (answer.person === this.#world.person) {
			this.#parts.signedIn();
			void this.#idle.look();
		} else {
			this.#parts.other();
		}
	}

	/** The page is over, or covered: nothing is asked any more. */
	close(): void {
		this.#idle.stop();
		for (const { asking } of this.#asked.values()) {
			asking.end(false);
		}
	}

	/** Ends the session; the page then goes where it ends at the identity provider. */
	signOut(leaving: () => void): Promise<void> {
		return signOut(this.#parts.api, (url) => {
			leaving();
			this.#parts.loadPage(url);
		});
	}

	async #ask(kind: Kind, path: string, signal: AbortSignal): Promise<boolean> {
		const known = this.#asked.get(path) ?? this.#begin(kind, path);
		known.waiters++;
		const leave = () => {
			known.waiters--;
			if (known.waiters === 0) {
				known.asking.end(false);
			}
		};
		signal.addEventListener("abort", leave, { once: true });
		try {
			return await known.asking.done;
		} finally {
			signal.removeEventListener("abort", leave);
		}
	}

	/** One dialog at a time. */
	#begin(kind: Kind, path: string) {
		const asking = new Asking(this.#world, kind, path);
		const begun = { asking, waiters: 0 };
		this.#asked.set(path, begun);
		const before = this.#last;
		this.#last = before.then(() => {
			void asking.start();
			return asking.done;
		});
		void this.#ended(asking).then(() => this.#asked.delete(path));
		return begun;
	}

	async #ended(asking: Asking): Promise<boolean> {
		const isDone = await asking.done;
		if (isDone) {
			this.#parts.signedIn();
			void this.#idle.look();
		}
		return isDone;
	}

	async #warn({ idleEnds, ends }: Standing): Promise<void> {
		this.#warning ??= import("./dialogs.js").then(({ idleDialog }) =>
			idleDialog(this.#parts.preferences, {
				stay: () => void this.#stay(),
				signIn: () => {
					this.#calm();
					void this.login();
				},
				signOut: this.#parts.signOut,
			}),
		);
		const warning = this.#warning;
		try {
			const dialog = await warning;
			if (this.#warning === warning) {
				dialog.show(idleEnds, ends - idleEnds < SAME_END_MS);
			}
		} catch (error) {
			// The next look tries again.
			this.#warning = null;
			console.warn("The warning did not load:", error);
		}
	}

	#calm(): void {
		const warning = this.#warning;
		this.#warning = null;
		void warning?.then((dialog) => dialog.close()).catch(() => {});
	}

	async #stay(): Promise<void> {
		try {
			await this.#idle.stay();
		} catch {
			(await this.#warning)?.failed();
		}
	}
}
