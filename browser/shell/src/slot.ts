/**
 * The place of one front-end. Whatever the front-end does, entering and leaving its place settle:
 * it is shown, or a panel stands in its place, or the person has already gone elsewhere.
 *
 *     idle → loading → mounting → mounted → unmounting → idle
 *              └──────────┴→ failed → (retry) loading
 *
 * A retry of what is mounted unmounts it first: unmounting → loading.
 */

import type { FrontendProps } from "@mainhub/sdk/core";
import { Attempt, Visit } from "./attempt.js";
import type { FrontendEntry, Limits } from "./boot.js";
import { FrontendFailure } from "./failure.js";
import { type MountedModule, readLifecycles } from "./lifecycles.js";
import type { Loader } from "./loader.js";
import { wait } from "./wait.js";

export type SlotState = "idle" | "loading" | "mounting" | "mounted" | "failed" | "unmounting";

/** What a slot shows beside the front-end itself. */
export interface SlotView {
	readonly skeleton: () => HTMLElement;
	readonly panel: (slot: Slot, attempt: Attempt, failure: FrontendFailure) => HTMLElement;
	readonly banner: (slot: Slot, attempt: Attempt) => HTMLElement;
}

export interface SlotWorld {
	/** Where the place is laid out: the page's main element. */
	readonly host: HTMLElement;
	readonly view: SlotView;
	readonly loader: Loader;
	readonly limits: Pick<Limits, "mountSeconds">;
	readonly propsFor: (frontend: FrontendEntry, attempt: Attempt) => FrontendProps;
	readonly onChange: (slot: Slot) => void;
	readonly reloadPage: () => void;
}

/** Longer than this nobody waits for a front-end to tidy up; it may finish unseen. */
const UNMOUNT_SECONDS = 0.25;
/** What a retry would only disturb. */
const UNDERWAY: ReadonlySet<SlotState> = new Set(["loading", "mounting", "unmounting"]);

export class Slot {
	/** As it is registered now; what is loaded already may be of an earlier entry. */
	frontend: FrontendEntry;
	/** When it was last entered or left, for the choice of what to unload. */
	usedAt = 0;
	readonly #world: SlotWorld;
	#state: SlotState = "idle";
	#module: MountedModule | null = null;
	#isBootstrapped = false;
	#visit: Visit | null = null;
	#leaving: Promise<void> = Promise.resolve();

	constructor(frontend: FrontendEntry, world: SlotWorld) {
		this.frontend = frontend;
		this.#world = world;
	}

	get state(): SlotState {
		return this.#state;
	}

	/** Whether its module is kept, ready to be mounted again at once. */
	get isLoaded(): boolean {
		return this.#module !== null;
	}

	/** Shows the front-end. Resolves when it is mounted or failed, or the person has left; never rejects. */
	enter(): Promise<void> {
		if (this.#visit === null) {
			this.#visit = new Visit(this.frontend.name);
			this.#world.host.append(this.#visit.box);
			this.usedAt = performance.now();
			void this.#run(this.#visit);
		}
		return this.#visit.settled;
	}

	/** Takes the front-end away. Resolves at once, after at most 250 ms of its tidying up; never rejects. */
	leave(): Promise<void> {
		const visit = this.#visit;
		if (visit === null) {
			return this.#leaving;
		}
		this.#visit = null;
		this.usedAt = performance.now();
		const before = this.#state;
		visit.attempt.controller.abort(new DOMException("The person has left.", "AbortError"));
		visit.settle();
		if (before === "mounted") {
			this.#become("unmounting", visit);
			this.#leaving = this.#unmountBriefly(visit);
		} else {
			visit.box.remove();
			this.#become("idle", visit);
			// A retry may have begun the unmounting; it is waited for all the same.
			this.#leaving = before === "unmounting" ? this.#leaving : Promise.resolve();
		}
		return this.#leaving;
	}

	/** Tries again what has failed. */
	retry(): void {
		const visit = this.#visit;
		if (visit === null || UNDERWAY.has(this.#state)) {
			return;
		}
		if (this.#world.loader.needsNewPage(this.frontend)) {
			this.#world.reloadPage();
			return;
		}
		visit.attempt.controller.abort(new DOMException("It is tried again.", "AbortError"));
		void this.#again(visit);
	}

	/** Tells a mounted front-end that language or theme have changed. */
	update(): void {
		const visit = this.#visit;
		const update = this.#module?.update ?? null;
		if (visit !== null && this.#state === "mounted" && update !== null) {
			const props = this.#world.propsFor(this.frontend, visit.attempt);
			update(props).catch((error: unknown) => this.reportLate(error));
		}
	}

	/** Says that the mounted front-end has failed later on; it stays usable. */
	reportLate(error: unknown): void {
		const visit = this.#visit;
		if (visit === null || this.#state !== "mounted") {
			return;
		}
		visit.attempt.lateErrors.push(error);
		visit.box.querySelector(":scope > .banner")?.remove();
		visit.box.prepend(this.#world.view.banner(this, visit.attempt));
		this.#world.onChange(this);
	}

	/** Forgets the module's state. Code that was evaluated stays in the browser: nothing can free it. */
	unload(): void {
		const module = this.#module;
		if (module !== null && this.#visit === null) {
			this.#module = null;
			this.#isBootstrapped = false;
			const props = this.#world.propsFor(this.frontend, new Attempt());
			module.unload(props).catch((error: unknown) => this.#note("unload", error));
		}
	}

	async #again(visit: Visit): Promise<void> {
		if (this.#state === "mounted") {
			this.#become("unmounting", visit);
			this.#leaving = this.#tidyUp(visit.attempt);
			await this.#leaving;
			if (this.#visit !== visit) {
				return;
			}
		}
		visit.attempt = new Attempt();
		await this.#run(visit);
	}

	async #run(visit: Visit): Promise<void> {
		const { attempt } = visit;
		visit.box.replaceChildren(attempt.container, this.#world.view.skeleton());
		try {
			this.#become("loading", visit);
			this.#module ??= readLifecycles(await this.#world.loader.load(this.frontend, attempt));
			attempt.signal.throwIfAborted();
			this.#become("mounting", visit);
			await this.#mount(this.#module, attempt);
			visit.box.replaceChildren(attempt.container);
			this.#become("mounted", visit);
		} catch (error) {
			if (!attempt.signal.aborted) {
				this.#fail(visit, error);
			}
		} finally {
			if (visit.attempt === attempt) {
				visit.settle();
			}
		}
	}

	async #mount(module: MountedModule, attempt: Attempt): Promise<void> {
		const props = this.#world.propsFor(this.frontend, attempt);
		const started = new Date();
		const report = (failure: FrontendFailure | null) =>
			attempt.report({ at: started, phase: "mount", failure, seconds: (Date.now() - started.getTime()) / 1000 });
		const work = this.#bootstrapAndMount(module, props);
		try {
			await attempt.within(work, this.#world.limits.mountSeconds);
			report(null);
		} catch (error) {
			const failure = asMountFailure(error);
			report(failure);
			// What mounts after all, unseen, is unmounted again; what throws has been reported or left behind.
			work.then(
				() => module.unmount(props).catch((late: unknown) => this.#note("unmount after a late mount", late)),
				() => {},
			);
			throw failure;
		}
	}

	async #bootstrapAndMount(module: MountedModule, props: FrontendProps): Promise<void> {
		if (!this.#isBootstrapped) {
			await module.bootstrap(props);
			this.#isBootstrapped = true;
		}
		await module.mount(props);
	}

	#fail(visit: Visit, error: unknown): void {
		const { attempt } = visit;
		const failure = error instanceof FrontendFailure ? error : new FrontendFailure("mount", { cause: error });
		this.#note(failure.message, failure.cause ?? failure);
		attempt.controller.abort(failure);
		visit.box.replaceChildren(this.#world.view.panel(this, attempt, failure));
		this.#become("failed", visit);
	}

	async #unmountBriefly(visit: Visit): Promise<void> {
		await this.#tidyUp(visit.attempt);
		visit.box.remove();
		this.#become("idle", visit);
	}

	/** Unmounts, and waits no longer than for so long. */
	async #tidyUp(attempt: Attempt): Promise<void> {
		const enough = new AbortController();
		await Promise.race([this.#unmount(attempt), wait(UNMOUNT_SECONDS, enough.signal)]);
		enough.abort();
	}

	async #unmount(attempt: Attempt): Promise<void> {
		try {
			await this.#module?.unmount(this.#world.propsFor(this.frontend, attempt));
		} catch (error) {
			this.#note("unmount", error);
		}
	}

	#become(state: SlotState, visit: Visit): void {
		// A visit that ends does not speak over the one that has begun meanwhile.
		if (this.#visit === null || this.#visit === visit) {
			this.#state = state;
			visit.box.dataset["state"] = state;
			this.#world.onChange(this);
		}
	}

	#note(moment: string, error: unknown): void {
		console.warn(`Front-end ${this.frontend.name}, ${moment}:`, error);
	}
}

function asMountFailure(error: unknown): FrontendFailure {
	return error instanceof FrontendFailure ? error : new FrontendFailure("mount", { cause: error });
}
