/** The functions of a front-end's module, whichever of the usual shapes they come in. */

import { type FrontendProps, isRecord } from "@mainhub/sdk/core";
import { FrontendFailure } from "./failure.js";

export type Step = (props: FrontendProps) => Promise<void>;

export interface MountedModule {
	readonly bootstrap: Step;
	readonly mount: Step;
	readonly update: Step | null;
	readonly unmount: Step;
	readonly unload: Step;
}

const NOTHING: Step = async () => {};

/**
 * Reads the lifecycles out of a module: named exports or a default export, functions or lists of
 * functions, `bootstrap` (single-spa 6) or `init` (single-spa 7).
 *
 * @throws FrontendFailure `contract` without a `mount`.
 */
export function readLifecycles(module: unknown): MountedModule {
	const exported = isRecord(module) ? module : {};
	const source = exported["mount"] === undefined && isRecord(exported["default"]) ? exported["default"] : exported;
	const mount = step(source["mount"]);
	if (mount === null) {
		throw new FrontendFailure("contract");
	}
	return {
		bootstrap: step(source["bootstrap"]) ?? step(source["init"]) ?? NOTHING,
		mount,
		update: step(source["update"]),
		unmount: step(source["unmount"]) ?? NOTHING,
		unload: step(source["unload"]) ?? NOTHING,
	};
}

function step(value: unknown): Step | null {
	const parts: unknown[] = Array.isArray(value) ? value : [value];
	const functions = parts.filter((part) => typeof part === "function");
	if (functions.length === 0 || functions.length !== parts.length) {
		return null;
	}
	return async (props) => {
		for (const part of functions) {
			await part(props);
		}
	};
}
