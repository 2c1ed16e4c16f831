/**
 * Loads a front-end's module: fetch first, then import.
 *
 * The fetch carries what `import()` cannot: a time-out, an end when the person leaves, tries,
 * the reason of a failure. The import then finds the bytes in the browser's cache.
 */

import type { FrontendEntry, Limits } from "./boot.js";
import { FrontendFailure, type Step } from "./failure.js";
import { verifyIntegrity } from "./integrity.js";
import { newTraceparent } from "./trace.js";

/** What of the outside world the loader needs. */
export interface LoaderWorld {
	readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
	readonly importModule: (url: string) => Promise<unknown>;
	/** Resolves after *seconds*; rejects with the signal's reason. */
	readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
	readonly random: () => number;
	readonly now: () => Date;
	readonly origin: string;
}

export interface LoadRequest {
	readonly signal: AbortSignal;
	readonly traceId: string;
	readonly report: (step: Step) => void;
}

interface PublishedFile {
	readonly url: string;
	readonly integrity: string | null;
}

const FIRST_WAIT_SECONDS = 0.3;
/** A server that asks for more patience than this is told to the person instead. */
const LONGEST_WAIT_SECONDS = 10;
/** The page's import map knows the integrity of `url`, `url#retry-1` ... `url#retry-3`. */
const LAST_REVISION = 3;

export class Loader {
	readonly #limits: Pick<Limits, "loadSeconds" | "attempts">;
	readonly #world: LoaderWorld;
	/** How often evaluating a URL has failed: browsers keep such a module, failed, for ever. */
	readonly #revisions = new Map<string, number>();

	constructor(limits: Pick<Limits, "loadSeconds" | "attempts">, world: LoaderWorld) {
		this.#limits = limits;
		this.#world = world;
	}

	/**
	 * Returns the module's exports. The limit of time holds for all tries together.
	 *
	 * @throws FrontendFailure, or the signal's reason when the person has left.
	 */
	async load({ url, integrity }: FrontendEntry, request: LoadRequest): Promise<unknown> {
		if (url === null) {
			const failure = new FrontendFailure("missing");
			request.report(this.#step(this.#world.now(), failure));
			throw failure;
		}
		const deadline = new AbortController();
		const end = AbortSignal.any([request.signal, deadline.signal]);
		const timer = this.#world.wait(this.#limits.loadSeconds, end).then(
			() => deadline.abort(new FrontendFailure("timeout")),
			() => {},
		);
		try {
			return await this.#tryUntil(end, { url, integrity }, request);
		} finally {
			deadline.abort();
			await timer;
		}
	}

	/** Whether only a new page can still evaluate this front-end's module again. */
	needsNewPage(frontend: FrontendEntry): boolean {
		return frontend.url !== null && (this.#revisions.get(frontend.url) ?? 0) > LAST_REVISION;
	}

	async #tryUntil(end: AbortSignal, file: PublishedFile, request: LoadRequest): Promise<unknown> {
		for (let attempt = 1; ; attempt++) {
			const started = this.#world.now();
			try {
				await this.#fetch(file, end, request.traceId);
				const module = await this.#import(file, end);
				request.report(this.#step(started, null));
				return module;
			} catch (error) {
				request.signal.throwIfAborted();
				const failure = asFailure(error);
				request.report(this.#step(started, failure));
				const seconds = this.#secondsToWait(failure, attempt);
				if (seconds === null) {
					throw failure;
				}
				await this.#world.wait(seconds, end);
			}
		}
	}

	async #fetch(file: PublishedFile, signal: AbortSignal, traceId: string): Promise<void> {
		const isOurs = new URL(file.url, this.#world.origin).origin === this.#world.origin;
		const init: RequestInit = {
			signal,
			credentials: isOurs ? "same-origin" : "omit",
			// A header of our own would make a cross-origin request ask for permission first.
			...(isOurs ? { headers: { traceparent: newTraceparent(traceId) } } : {}),
		};
		let body: ArrayBuffer;
		try {
			const response = await this.#world.fetch(file.url, init);
			refuseStatus(response);
			body = await response.arrayBuffer();
		} catch (error) {
			signal.throwIfAborted();
			throw error instanceof FrontendFailure ? error : new FrontendFailure("network", { cause: error });
		}
		await verifyIntegrity(body, file.integrity);
	}

	async #import(file: PublishedFile, end: AbortSignal): Promise<unknown> {
		const revision = this.#revisions.get(file.url) ?? 0;
		const url = revision === 0 ? file.url : `${file.url}#retry-${revision}`;
		try {
			return await settledOrEnded(this.#world.importModule(url), end);
		} catch (error) {
			if (end.aborted && !isTimeout(end.reason)) {
				throw error;
			}
			this.#revisions.set(file.url, revision + 1);
			throw new FrontendFailure(end.aborted ? "stuck" : "evaluation", { cause: error });
		}
	}

	#secondsToWait(failure: FrontendFailure, attempt: number): number | null {
		if (!failure.isTransient || attempt >= this.#limits.attempts) {
			return null;
		}
		if (failure.retryAfter !== null) {
			return failure.retryAfter <= LONGEST_WAIT_SECONDS ? failure.retryAfter : null;
		}
		// Half to full: pages that failed together do not come back together.
		return FIRST_WAIT_SECONDS * 2 ** (attempt - 1) * (0.5 + this.#world.random() / 2);
	}

	#step(at: Date, failure: FrontendFailure | null): Step {
		return { at, phase: "load", failure, seconds: (this.#world.now().getTime() - at.getTime()) / 1000 };
	}
}

function refuseStatus(response: Response): void {
	if (response.ok) {
		return;
	}
	const { status } = response;
	if (status === 408 || status === 429 || status >= 500) {
		throw new FrontendFailure("server", { status, retryAfter: retryAfter(response.headers) });
	}
	throw new FrontendFailure(status === 404 || status === 410 ? "missing" : "status", { status });
}

/** Returns the seconds of a `Retry-After` header (RFC 9110, 10.2.3), given as seconds or as a date. */
function retryAfter(headers: Headers): number | null {
	const value = headers.get("retry-after");
	if (value === null) {
		return null;
	}
	const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
	return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** `import()` cannot be stopped, but waiting for it can. */
function settledOrEnded<Value>(work: Promise<Value>, end: AbortSignal): Promise<Value> {
	return new Promise((resolve, reject) => {
		const stop = () => reject(end.reason);
		if (end.aborted) {
			stop();
		}
		end.addEventListener("abort", stop, { once: true });
		work.then(resolve, reject).finally(() => end.removeEventListener("abort", stop));
	});
}

function isTimeout(reason: unknown): boolean {
	return reason instanceof FrontendFailure && reason.kind === "timeout";
}

function asFailure(error: unknown): FrontendFailure {
	return error instanceof FrontendFailure ? error : new FrontendFailure("network", { cause: error });
}
