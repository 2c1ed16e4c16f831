/** Keeps a person's cards: on the screen at once, at the hub right after, and never lost in silence. */

import { type Api, ApiProblem, problemType } from "@mainhub/sdk";
import { type Arrangement, type Cards, parseDashboard, sameCards } from "./board.js";

/** What a person did, for the words beside Undo. `place` counts from 1. */
export type Change =
	| { readonly kind: "moved"; readonly widget: string; readonly place: number }
	| { readonly kind: "resized" | "removed"; readonly widget: string }
	| { readonly kind: "reset" };

export type Saving =
	| { readonly kind: "saved" }
	| { readonly kind: "saving" }
	| { readonly kind: "unsaved"; readonly problem: ApiProblem };

/** Something to be told once: what to do about it stands beside it. */
export type Notice =
	| { readonly kind: "changed"; readonly change: Change }
	| { readonly kind: "undone" }
	/** Another page saved first: theirs is shown, *mine* can still be put back. */
	| { readonly kind: "theirs"; readonly mine: Cards }
	/** Another page changed it while nothing was being done here. */
	| { readonly kind: "news" };

export interface Ready {
	readonly kind: "ready";
	readonly cards: Cards;
	readonly isDefault: boolean;
	readonly saving: Saving;
	readonly notice: Notice | null;
	readonly canUndo: boolean;
}

export type BoardState =
	| { readonly kind: "loading" }
	| { readonly kind: "failed"; readonly problem: ApiProblem; readonly isTrying: boolean }
	| Ready;

export interface BoardWorld {
	readonly api: Api;
	readonly signal: AbortSignal;
	/** Told after each save, so that other pages of this browser follow. */
	readonly tell: () => void;
}

export const DASHBOARD_PATH = "/hub/v1/dashboard";
const LONGEST_HISTORY = 20;

export class BoardStore {
	readonly #world: BoardWorld;
	readonly #changed: (state: BoardState) => void;
	/** What the hub keeps, as far as is known. */
	#kept: Arrangement | null = null;
	/** What stands on the screen. */
	#cards: Cards = [];
	#saving: Saving = { kind: "saved" };
	#notice: Notice | null = null;
	#history: readonly Cards[] = [];
	#isBusy = false;
	#isResetWanted = false;

	/** *changed* is called with every new state. */
	constructor(world: BoardWorld, changed: (state: BoardState) => void) {
		this.#world = world;
		this.#changed = changed;
	}

	/** What is on the screen and not at the hub, to be handed to `load` when the person comes back. */
	get unsaved(): Arrangement | null {
		const kept = this.#kept;
		return kept === null || sameCards(kept.cards, this.#cards) ? null : { ...kept, cards: this.#cards };
	}

	/** Asks for the cards; *left* is what could not be saved when the person left. */
	async load(left: Arrangement | null = null): Promise<void> {
		this.#changed({ kind: "loading" });
		await this.#open(left);
	}

	/** Asks again after a failure. */
	async reload(problem: ApiProblem, left: Arrangement | null = null): Promise<void> {
		this.#changed({ kind: "failed", problem, isTrying: true });
		await this.#open(left);
	}

	/** Looks whether another page changed the cards, without anybody having asked. */
	async look(): Promise<void> {
		if (this.#kept === null || this.#isBusy || this.unsaved !== null) {
			return;
		}
		const before = this.#kept;
		const answer = await this.#ask({ background: true }).catch(() => null);
		const isQuiet = this.#kept === before && !this.#isBusy && this.unsaved === null;
		if (answer === null || !isQuiet || this.#world.signal.aborted) {
			return;
		}
		this.#kept = answer;
		if (!sameCards(answer.cards, this.#cards)) {
			this.#cards = answer.cards;
			this.#history = [];
			this.#notice = { kind: "news" };
		}
		this.#show();
	}

	/** Shows *cards* and saves them. */
	async change(cards: Cards, change: Change): Promise<void> {
		if (this.#kept === null || sameCards(cards, this.#cards)) {
			return;
		}
		this.#remember();
		this.#isResetWanted = false;
		this.#notice = { kind: "changed", change };
		this.#cards = cards;
		await this.#save();
	}

	/** Takes back the last change. */
	async undo(): Promise<void> {
		const before = this.#history.at(-1);
		if (before === undefined) {
			return;
		}
		this.#history = this.#history.slice(0, -1);
		this.#notice = { kind: "undone" };
		this.#cards = before;
		await this.#save();
	}

	/** Puts back what another page's save had displaced. */
	async useMine(): Promise<void> {
		if (this.#notice?.kind !== "theirs") {
			return;
		}
		const { mine } = this.#notice;
		this.#remember();
		this.#notice = null;
		this.#cards = mine;
		await this.#save();
	}

	/** Tries once more what could not be saved. */
	async retry(): Promise<void> {
		await (this.#isResetWanted ? this.reset() : this.#save());
	}

	/** Goes back to the cards that everybody starts with. */
	async reset(): Promise<void> {
		if (this.#kept === null || this.#isBusy) {
			return;
		}
		this.#isBusy = true;
		this.#isResetWanted = true;
		this.#become({ kind: "saving" });
		try {
			const answer = await this.#ask({ method: "DELETE" });
			this.#isResetWanted = false;
			this.#remember();
			this.#kept = answer;
			this.#cards = answer.cards;
			this.#notice = { kind: "changed", change: { kind: "reset" } };
			this.#settle();
		} catch (error) {
			this.#fail(error);
		} finally {
			this.#isBusy = false;
		}
	}

	/** Takes the message away. */
	dismiss(): void {
		this.#notice = null;
		this.#show();
	}

	async #open(left: Arrangement | null): Promise<void> {
		try {
			this.#kept = await this.#ask({});
		} catch (error) {
			if (!this.#world.signal.aborted) {
				this.#changed({ kind: "failed", problem: problemOf(error), isTrying: false });
			}
			return;
		}
		this.#cards = this.#kept.cards;
		if (left !== null && !sameCards(left.cards, this.#cards)) {
			if (left.generation === this.#kept.generation) {
				this.#cards = left.cards;
				return await this.#save();
			}
			this.#notice = { kind: "theirs", mine: left.cards };
		}
		this.#show();
	}

	/** Saves until the hub has what the screen shows: more may be changed while an answer is awaited. */
	async #save(): Promise<void> {
		if (this.#isBusy) {
			return this.#show();
		}
		this.#isBusy = true;
		try {
			while (this.unsaved !== null) {
				this.#become({ kind: "saving" });
				this.#kept = await this.#ask({ method: "PUT", body: this.unsaved });
			}
			this.#settle();
		} catch (error) {
			await this.#giveWay(error);
		} finally {
			this.#isBusy = false;
		}
	}

	/** Shows what another page saved meanwhile; any other failure leaves the cards unsaved. */
	async #giveWay(error: unknown): Promise<void> {
		if (!(error instanceof ApiProblem && error.status === 409)) {
			return this.#fail(error);
		}
		try {
			const theirs = await this.#ask({});
			const mine = this.#cards;
			this.#kept = theirs;
			this.#cards = theirs.cards;
			// A save whose answer was lost comes back as a conflict with itself.
			if (!sameCards(mine, theirs.cards)) {
				this.#history = [];
				this.#notice = { kind: "theirs", mine };
			}
			this.#settle();
		} catch (again) {
			this.#fail(again);
		}
	}

	#settle(): void {
		this.#world.tell();
		this.#become({ kind: "saved" });
	}

	#fail(error: unknown): void {
		// Who has left is told when they come back.
		if (!this.#world.signal.aborted) {
			this.#become({ kind: "unsaved", problem: problemOf(error) });
		}
	}

	#remember(): void {
		this.#history = [...this.#history, this.#cards].slice(-LONGEST_HISTORY);
	}

	#become(saving: Saving): void {
		this.#saving = saving;
		this.#show();
	}

	#show(): void {
		this.#changed({
			kind: "ready",
			cards: this.#cards,
			isDefault: this.#kept?.generation === 0 && this.unsaved === null,
			saving: this.#saving,
			notice: this.#notice,
			canUndo: this.#history.length > 0,
		});
	}

	async #ask(init: { method?: string; body?: unknown; background?: boolean }): Promise<Arrangement> {
		return parseDashboard(await this.#world.api(DASHBOARD_PATH, { ...init, signal: this.#world.signal }));
	}
}

function problemOf(error: unknown): ApiProblem {
	return error instanceof ApiProblem
		? error
		: new ApiProblem({ type: problemType("unreadable"), title: "The answer could not be read" }, error);
}
