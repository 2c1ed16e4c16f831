/**
 * Which front-ends are shown. single-spa decides by the address; it only ever sees lifecycles of
 * the shell's own, which always settle, since one that hangs would stop every later navigation.
 */

import { getAppStatus, NOT_MOUNTED, registerApplication, start, unloadApplication } from "single-spa";
import type { FrontendEntry, Limits } from "./boot.js";
import { ownerOf } from "./routes.js";
import type { Slot } from "./slot.js";

const SWEEP_SECONDS = 60;
/** Slots have limits of their own; single-spa's would only warn about them in the console. */
const NO_TIMEOUT = { millis: 2 ** 31 - 1, dieOnTimeout: false, warningMillis: 2 ** 31 - 1 };

export class Orchestrator {
	readonly #slots = new Map<string, Slot>();
	readonly #frontends: () => readonly FrontendEntry[];
	readonly #limits: Pick<Limits, "maxLoaded" | "unloadAfterSeconds">;
	#isOver = false;

	/** *frontends* are those that are open to the person at the moment. */
	constructor(frontends: () => readonly FrontendEntry[], limits: Pick<Limits, "maxLoaded" | "unloadAfterSeconds">) {
		this.#frontends = frontends;
		this.#limits = limits;
	}

	/** Shows *slot* from now on whenever its front-end owns the address. */
	add(slot: Slot): void {
		const { name } = slot.frontend;
		this.#slots.set(name, slot);
		registerApplication({
			name,
			app: async () => this.#lifecycles(slot),
			activeWhen: (location) => this.#owns(name, location),
		});
	}

	/** Shows the front-end of the present address. */
	start(): void {
		// Added before start(): single-spa holds later ones back while it waits for a front-end.
		window.addEventListener("popstate", () => this.#leaveOthers());
		window.addEventListener("single-spa:app-change", () => this.#unloadSome());
		setInterval(() => this.#unloadSome(), SWEEP_SECONDS * 1000);
		start();
	}

	/** Takes away what is shown, and shows nothing more. */
	stop(): void {
		this.#isOver = true;
		this.#leaveOthers();
	}

	#lifecycles(slot: Slot) {
		return {
			bootstrap: async () => {},
			// The person may have gone on before single-spa came to it.
			mount: async () => (this.#owns(slot.frontend.name, window.location) ? slot.enter() : undefined),
			unmount: async () => slot.leave(),
			unload: async () => slot.unload(),
			timeouts: { bootstrap: NO_TIMEOUT, mount: NO_TIMEOUT, unmount: NO_TIMEOUT, unload: NO_TIMEOUT },
		};
	}

	#owns(name: string, location: Location): boolean {
		return !this.#isOver && ownerOf(location.pathname, this.#frontends())?.name === name;
	}

	/** Ends at once what would keep single-spa waiting: the place that the person has just left. */
	#leaveOthers(): void {
		for (const [name, slot] of this.#slots) {
			if (!this.#owns(name, window.location)) {
				void slot.leave();
			}
		}
	}

	/** Unloads what was not used for long, and the longest unused beyond the number to keep. */
	#unloadSome(): void {
		const idle = [...this.#slots.values()]
			.filter((slot) => slot.isLoaded && slot.state === "idle" && getAppStatus(slot.frontend.name) === NOT_MOUNTED)
			.sort((one, other) => one.usedAt - other.usedAt);
		const loaded = [...this.#slots.values()].filter((slot) => slot.isLoaded).length;
		const tooMany = Math.max(0, loaded - this.#limits.maxLoaded);
		const before = performance.now() - this.#limits.unloadAfterSeconds * 1000;
		for (const [index, slot] of idle.entries()) {
			if (index < tooMany || slot.usedAt < before) {
				void unloadApplication(slot.frontend.name, { waitForUnmount: false });
			}
		}
	}
}
