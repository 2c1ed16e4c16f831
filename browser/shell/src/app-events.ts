/** `app:loaded`, `app:unloaded` and `app:error`: what becomes of front-ends, told on the bus. */

import type { Bus } from "@mainhub/sdk/core";
import type { Slot, SlotState } from "./slot.js";

const MESSAGE_LENGTH = 300;

export class AppEvents {
	readonly #bus: Bus;
	readonly #states = new Map<string, { readonly state: SlotState; readonly since: number }>();

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	/** *slot* may have come into another state. */
	changed(slot: Slot): void {
		const app = slot.frontend.name;
		const before = this.#states.get(app);
		if (before?.state === slot.state) {
			return;
		}
		// Loading and mounting are one wait to whoever waits.
		const since = slot.state === "mounting" ? (before?.since ?? performance.now()) : performance.now();
		this.#states.set(app, { state: slot.state, since });
		if (slot.state === "mounted") {
			this.#tell("app:loaded", { app, took_ms: Math.round(performance.now() - (before?.since ?? since)) });
		} else if (before?.state === "mounted") {
			this.#tell("app:unloaded", { app });
		}
	}

	/** *app* has failed at *step*; whoever looks after the hub is told, of data of people no more than the message. */
	failed(app: string, step: string, error: unknown, traceId: string): void {
		const message = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(
			0,
			MESSAGE_LENGTH,
		);
		this.#tell("app:error", { app, step, message, trace_id: traceId });
	}

	#tell(type: string, data: Readonly<Record<string, unknown>>): void {
		// The person sees the failure itself; that the report of it was lost helps nobody here.
		this.#bus.emit(type, data).catch(() => {});
	}
}
