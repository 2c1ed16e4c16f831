/** Keeps an answer of the hub up to date, and knows at any moment how true it is. */

import type { Api } from "../contract.js";
import { ApiProblem, problemType } from "../problem.js";

/** Why there is no newer answer, since when, and when the next one is asked for. */
export interface Trouble {
	readonly problem: ApiProblem;
	readonly since: Date;
	/** `null`: not before the person asks. */
	readonly nextAt: Date | null;
	readonly isTrying: boolean;
}

/** What was answered, and when it came. */
export interface Known<T> {
	readonly value: T;
	readonly at: Date;
}

export type FeedState<T> =
	| { readonly kind: "loading" }
	| ({ readonly kind: "fresh" } & Known<T>)
	| ({ readonly kind: "stale" } & Known<T> & Trouble)
	| ({ readonly kind: "failed" } & Trouble);

export interface FeedWorld<T> {
	readonly api: Api;
	/** Asked for at each try, since filters may have changed. */
	readonly path: () => string;
	/** Throws what it cannot read. */
	readonly parse: (answer: unknown) => T;
	readonly periodSeconds: number;
	readonly page: Pick<Document, "hidden" | "addEventListener">;
	readonly now: () => Date;
}

/** An answer that asks for more patience than this is asked for again all the same: it may be back. */
const LONGEST_WAIT_SECONDS = 60;

export class Feed<T> {
	readonly #world: FeedWorld<T>;
	readonly #changed: (state: FeedState<T>) => void;
	#state: FeedState<T> = { kind: "loading" };
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Ends what now runs. */
	#run: AbortSignal = AbortSignal.abort();
	/** The run that waits for an answer. */
	#busy: AbortSignal | null = null;
	/** Something happened while an answer was on its way: it may not tell of it. */
	#isOld = false;
	#isDue = false;

	/** *changed* is called with every new state. */
	constructor(world: FeedWorld<T>, changed: (state: FeedState<T>) => void) {
		this.#world = world;
		this.#changed = changed;
	}

	/** Begins to ask, as long as the page is seen, until *signal* is aborted. Then it may start again. */
	start(signal: AbortSignal): void {
		this.#run = signal;
		this.#isDue = false;
		signal.addEventListener("abort", () => this.#run === signal && clearTimeout(this.#timer), { once: true });
		this.#world.page.addEventListener("visibilitychange", () => this.#isDue && this.tick(), { signal });
		void this.refresh();
	}

	/** Asks now, without anybody having asked for it; when the page is seen again if it is not. */
	tick(): void {
		this.#isDue = this.#world.page.hidden;
		if (!this.#isDue) {
			void this.refresh(true);
		}
	}

	/** Asks now; *background* when no person did. */
	async refresh(background = false): Promise<void> {
		const signal = this.#run;
		if (this.#busy === signal || signal.aborted) {
			this.#isOld = true;
			return;
		}
		this.#busy = signal;
		clearTimeout(this.#timer);
		if (this.#state.kind === "failed" || this.#state.kind === "stale") {
			this.#become({ ...this.#state, isTrying: true });
		}
		const waitSeconds = await this.#ask(signal, background);
		if (this.#busy === signal) {
			this.#busy = null;
		}
		if (waitSeconds !== null && !signal.aborted) {
			this.#timer = setTimeout(() => this.tick(), waitSeconds * 1000);
		}
	}

	/** Returns the seconds until the next try, `null` when trying again by itself cannot help. */
	async #ask(signal: AbortSignal, background: boolean): Promise<number | null> {
		const { api, path, parse, periodSeconds, now } = this.#world;
		try {
			let value: T;
			do {
				this.#isOld = false;
				value = parse(await api(path(), { signal, background }));
			} while (this.#isOld && !signal.aborted);
			if (!signal.aborted) {
				this.#become({ kind: "fresh", value, at: now() });
			}
			return periodSeconds;
		} catch (error) {
			return signal.aborted ? null : this.#fail(error);
		}
	}

	#fail(error: unknown): number | null {
		const { now, periodSeconds } = this.#world;
		const problem = problemOf(error);
		const isFinal = problem.is("not-signed-in") || problem.is("missing-role");
		const seconds = isFinal ? null : secondsToWait(problem, now(), periodSeconds);
		const before = this.#state;
		const trouble: Trouble = {
			problem,
			since: before.kind === "stale" || before.kind === "failed" ? before.since : now(),
			nextAt: seconds === null ? null : new Date(now().getTime() + seconds * 1000),
			isTrying: false,
		};
		const isKnown = before.kind === "fresh" || before.kind === "stale";
		this.#become(
			isKnown ? { kind: "stale", value: before.value, at: before.at, ...trouble } : { kind: "failed", ...trouble },
		);
		return seconds;
	}

	#become(state: FeedState<T>): void {
		this.#state = state;
		this.#changed(state);
	}
}

/** Returns *error* as the problem that it is, or as an answer that could not be read. */
export function problemOf(error: unknown): ApiProblem {
	return error instanceof ApiProblem
		? error
		: new ApiProblem({ type: problemType("unreadable"), title: "The answer could not be read" }, error);
}

function secondsToWait({ retryAt }: ApiProblem, now: Date, periodSeconds: number): number {
	const wished = retryAt === null ? 0 : (retryAt.getTime() - now.getTime()) / 1000;
	return Math.min(Math.max(Math.min(periodSeconds, 10), wished), LONGEST_WAIT_SECONDS);
}
