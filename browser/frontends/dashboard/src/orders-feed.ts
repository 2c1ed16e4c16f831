/** Keeps the orders up to date, and knows at any moment how true they are. */

import { type Api, ApiProblem, problemType } from "@mainhub/sdk";
import { type Orders, parseOrders } from "./orders.js";

/** Why there is no newer answer, since when, and when the next one is asked for. */
export interface Trouble {
	readonly problem: ApiProblem;
	readonly since: Date;
	/** `null`: not before the person asks. */
	readonly nextAt: Date | null;
	readonly isTrying: boolean;
}

export type OrdersState =
	| { readonly kind: "loading" }
	| { readonly kind: "fresh"; readonly orders: Orders }
	| ({ readonly kind: "stale"; readonly orders: Orders } & Trouble)
	| ({ readonly kind: "failed" } & Trouble)
	| { readonly kind: "refused"; readonly problem: ApiProblem };

export interface FeedWorld {
	readonly api: Api;
	readonly page: Pick<Document, "hidden" | "addEventListener">;
	readonly now: () => Date;
}

export const ORDERS_PATH = "/api/orders/v1/orders";
const PERIOD_SECONDS = 10;
/** A service that asks for more patience than this is asked again all the same: it may be back. */
const LONGEST_WAIT_SECONDS = 60;

export class OrdersFeed {
	readonly #world: FeedWorld;
	readonly #changed: (state: OrdersState) => void;
	#state: OrdersState = { kind: "loading" };
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Ends what now runs. */
	#run: AbortSignal = AbortSignal.abort();
	/** The run that waits for an answer. */
	#busy: AbortSignal | null = null;
	#isDue = false;
	/** An order changed while an answer was on its way: it may not tell of it. */
	#isOld = false;

	/** *changed* is called with every new state. */
	constructor(world: FeedWorld, changed: (state: OrdersState) => void) {
		this.#world = world;
		this.#changed = changed;
	}

	/** Begins to ask, every 10 s as long as the page is seen, until *signal* is aborted. Then it may start again. */
	start(signal: AbortSignal): void {
		this.#run = signal;
		this.#isDue = false;
		signal.addEventListener("abort", () => this.#run === signal && clearTimeout(this.#timer), { once: true });
		this.#world.page.addEventListener("visibilitychange", () => this.#isDue && this.#tick(), { signal });
		void this.refresh();
	}

	/** An order has changed: asks at once, or when the page is seen again. */
	changed(): void {
		this.#isOld = this.#busy === this.#run;
		if (!this.#isOld) {
			this.#tick();
		}
	}

	/** Asks now; *background* when no person did. */
	async refresh(background = false): Promise<void> {
		const signal = this.#run;
		if (this.#busy === signal || signal.aborted) {
			return;
		}
		this.#busy = signal;
		clearTimeout(this.#timer);
		if (this.#state.kind === "failed" || this.#state.kind === "stale") {
			this.#become({ ...this.#state, isTrying: true });
		}
		let waitSeconds: number | null = PERIOD_SECONDS;
		try {
			const orders = parseOrders(await this.#world.api(ORDERS_PATH, { signal, background }));
			if (!signal.aborted) {
				this.#become({ kind: "fresh", orders });
			}
		} catch (error) {
			waitSeconds = signal.aborted ? null : this.#fail(error);
		}
		if (this.#busy === signal) {
			this.#busy = null;
		}
		if (this.#isOld && !signal.aborted) {
			this.#isOld = false;
			this.#tick();
		} else if (waitSeconds !== null && !signal.aborted) {
			this.#timer = setTimeout(() => this.#tick(), waitSeconds * 1000);
		}
	}

	#tick(): void {
		this.#isDue = this.#world.page.hidden;
		if (!this.#isDue) {
			void this.refresh(true);
		}
	}

	/** Returns the seconds until the next try, `null` when trying again by itself cannot help. */
	#fail(error: unknown): number | null {
		const problem =
			error instanceof ApiProblem
				? error
				: new ApiProblem({ type: problemType("unreadable"), title: "The answer could not be read" }, error);
		if (problem.status === 403) {
			this.#become({ kind: "refused", problem });
			return null;
		}
		const now = this.#world.now();
		const seconds = problem.is("not-signed-in") ? null : secondsToWait(problem, now);
		const before = this.#state;
		const trouble: Trouble = {
			problem,
			since: before.kind === "stale" || before.kind === "failed" ? before.since : now,
			nextAt: seconds === null ? null : new Date(now.getTime() + seconds * 1000),
			isTrying: false,
		};
		const hasOrders = before.kind === "fresh" || before.kind === "stale";
		this.#become(hasOrders ? { kind: "stale", orders: before.orders, ...trouble } : { kind: "failed", ...trouble });
		return seconds;
	}

	#become(state: OrdersState): void {
		this.#state = state;
		this.#changed(state);
	}
}

function secondsToWait({ retryAt }: ApiProblem, now: Date): number {
	const wished = retryAt === null ? 0 : (retryAt.getTime() - now.getTime()) / 1000;
	return Math.min(Math.max(PERIOD_SECONDS, wished), LONGEST_WAIT_SECONDS);
}
