/** The modules of front-ends, for their widgets: one load for all that wait for the same file. */

import { isRecord, type Widget } from "@mainhub/sdk/core";
import { Attempt } from "../attempt.js";
import type { FrontendEntry } from "../boot.js";
import { FrontendFailure, type Step } from "../failure.js";
import type { Loader } from "../loader.js";

interface Loaded {
	readonly module: unknown;
	readonly steps: readonly Step[];
	readonly failure: unknown;
}

export class WidgetModules {
	readonly #loader: Pick<Loader, "load">;
	readonly #loads = new Map<string, Promise<Loaded>>();

	constructor(loader: Pick<Loader, "load">) {
		this.#loader = loader;
	}

	/**
	 * Returns the widget called *name* of *frontend*, and reports how it was loaded.
	 *
	 * @throws FrontendFailure, or the signal's reason.
	 */
	async find(frontend: FrontendEntry, name: string, attempt: Attempt): Promise<Widget> {
		const { module, steps, failure } = await attempt.within(this.#load(frontend), Number.POSITIVE_INFINITY);
		for (const step of steps) {
			attempt.report(step);
		}
		if (failure !== null) {
			throw failure;
		}
		const exported = isRecord(module) && isRecord(module["widgets"]) ? module["widgets"] : {};
		const widget = Object.hasOwn(exported, name) ? exported[name] : undefined;
		if (!isWidget(widget)) {
			throw new FrontendFailure("contract");
		}
		return widget;
	}

	/** Loads on when one of those who wait has gone: the others still wait. */
	#load(frontend: FrontendEntry): Promise<Loaded> {
		const key = `${frontend.name} ${frontend.url}`;
		const underway = this.#loads.get(key);
		if (underway !== undefined) {
			return underway;
		}
		const attempt = new Attempt();
		const load = this.#loader.load(frontend, attempt).then(
			(module) => ({ module, steps: attempt.steps, failure: null }),
			(failure: unknown) => {
				this.#loads.delete(key);
				return { module: null, steps: attempt.steps, failure };
			},
		);
		this.#loads.set(key, load);
		return load;
	}
}

function isWidget(value: unknown): value is Widget {
	return isRecord(value) && typeof value["mount"] === "function";
}
