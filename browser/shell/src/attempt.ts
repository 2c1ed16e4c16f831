/** One try at loading and mounting a front-end, and what came of it. */

import { FrontendFailure, type Step } from "./failure.js";
import { newTraceId } from "./trace.js";

export class Attempt {
	/** Ends with the try: the person left, it failed, or it is tried again. */
	readonly controller = new AbortController();
	/** The front-end's own element; a second try gets a new one, out of reach of the first. */
	readonly container: HTMLElement;
	readonly traceId = newTraceId();
	readonly steps: Step[] = [];
	readonly lateErrors: unknown[] = [];

	constructor() {
		this.container = document.createElement("div");
		this.container.className = "place-content";
	}

	get signal(): AbortSignal {
		return this.controller.signal;
	}

	readonly report = (step: Step): void => {
		this.steps.push(step);
	};

	/** Waits for *work*, for *seconds* at most, and not after the try has ended. */
	within<Value>(work: Promise<Value>, seconds: number): Promise<Value> {
		return new Promise((resolve, reject) => {
			const late = () => settle(() => reject(new FrontendFailure("mount-timeout")));
			const timer = Number.isFinite(seconds) ? setTimeout(late, seconds * 1000) : undefined;
			const stop = () => settle(() => reject(this.signal.reason));
			const settle = (then: () => void) => {
				clearTimeout(timer);
				this.signal.removeEventListener("abort", stop);
				then();
			};
			if (this.signal.aborted) {
				stop();
			}
			this.signal.addEventListener("abort", stop, { once: true });
			work.then(
				(value) => settle(() => resolve(value)),
				(error: unknown) => settle(() => reject(error)),
			);
		});
	}
}

/** A stay of the person in a front-end's place; it may take several attempts. */
export class Visit {
	readonly box: HTMLElement;
	attempt = new Attempt();
	/** Resolves when the first attempt has come to an end, whichever. */
	readonly settled: Promise<void>;
	settle: () => void = () => {};

	constructor(frontend: string) {
		this.box = document.createElement("div");
		this.box.className = "place";
		this.box.dataset["frontend"] = frontend;
		this.settled = new Promise((resolve) => {
			this.settle = resolve;
		});
	}
}
