/** Events within this page: who listens, what was heard. `publish.ts` and `live/` carry them further. */

import { ApiProblem, type Bus, type HubEvent, type HubEventHandler, problemType } from "@mainhub/sdk/core";

/** Per type, as the hub itself keeps them. */
const KEPT = 100;
/** More ids than the hub's whole history can hold at once. */
const KNOWN_IDS = 4096;
/** What only the hub says, and `link` and `gap`, which only the shell does. */
const NOT_FOR_PAGES = /^user:|^cache:invalidated$|^resilience:|^[^:]*$/;

/** What publishes an event beyond this page; rejects when it was not taken. */
export type Publish = (event: HubEvent, roles: readonly string[] | undefined) => Promise<void>;

interface Listener {
	/** The front-end that listens, or `shell`. */
	readonly owner: string;
	readonly handler: HubEventHandler;
	readonly source: string | undefined;
	readonly isOnce: boolean;
	end: () => void;
}

export class EventBus {
	/** Whether events of the hub arrive now. */
	live = false;
	readonly #listeners = new Map<string, Set<Listener>>();
	readonly #history = new Map<string, { readonly event: HubEvent; readonly place: number }[]>();
	readonly #knownIds = new Set<string>();
	readonly #publish: Publish;
	readonly #fault: (owner: string, error: unknown) => void;
	#told = 0;

	/** *fault* hears of handlers that throw; the other handlers are called all the same. */
	constructor(publish: Publish, fault: (owner: string, error: unknown) => void) {
		this.#publish = publish;
		this.#fault = fault;
	}

	/** Tells this page. An event whose id was told before is not told again. */
	deliver(event: HubEvent): void {
		if (event.id !== null && !this.#learn(event.id)) {
			return;
		}
		const kept = this.#history.get(event.type) ?? [];
		kept.push({ event, place: this.#told++ });
		this.#history.set(event.type, kept.slice(-KEPT));
		for (const type of [event.type, "*"]) {
			for (const listener of [...this.#of(type)]) {
				this.#call(type, listener, event);
			}
		}
	}

	/** Tells this page alone what *source* has to say. */
	tell(type: string, data: Readonly<Record<string, unknown>>, source = "shell"): void {
		this.deliver(madeHere(type, data, source));
	}

	/** Returns the bus of *owner*, which is released when *signal* is aborted. */
	scoped(owner: string, signal?: AbortSignal): Bus {
		const mine = new Map<Listener, string>();
		signal?.addEventListener("abort", () => {
			for (const listener of [...mine.keys()]) {
				listener.end();
			}
		});
		const listen = (type: string, handler: HubEventHandler, source: string | undefined, isOnce: boolean) => {
			if (signal?.aborted === true) {
				return () => {};
			}
			const listener = { owner, handler, source, isOnce, end: () => {} };
			const listeners = this.#of(type).add(listener);
			mine.set(listener, type);
			listener.end = () => {
				listeners.delete(listener);
				mine.delete(listener);
			};
			return () => listener.end();
		};
		const isLive = () => this.live;
		return {
			get live() {
				return isLive();
			},
			on: (type, handler, options) => listen(type, handler, options?.source, false),
			once: (type, handler, options) => listen(type, handler, options?.source, true),
			off: (type, handler) => {
				for (const [listener, listened] of [...mine]) {
					if (listened === type && listener.handler === handler) {
						listener.end();
					}
				}
			},
			emit: (type, data = {}, options = {}) => this.#emit(madeHere(type, data, owner), options.roles),
			history: (type) => this.history(type),
		};
	}

	/** Returns what this page has heard of *type*, or of all types, oldest first. */
	history(type = "*"): readonly HubEvent[] {
		const kept = type === "*" ? [...this.#history.values()].flat() : (this.#history.get(type) ?? []);
		return [...kept].sort((one, other) => one.place - other.place).map(({ event }) => event);
	}

	async #emit(event: HubEvent, roles: readonly string[] | undefined): Promise<void> {
		if (NOT_FOR_PAGES.test(event.type)) {
			const title = `${event.type} is not for front-ends to say`;
			throw new ApiProblem({ type: problemType("missing-role"), title, status: 403 });
		}
		const published = this.#publish(event, roles);
		this.deliver(event);
		await published;
	}

	#call(type: string, listener: Listener, event: HubEvent): void {
		// One that was called before may have ended it.
		if (!this.#of(type).has(listener) || (listener.source ?? event.source) !== event.source) {
			return;
		}
		if (listener.isOnce) {
			listener.end();
		}
		try {
			listener.handler(event);
		} catch (error) {
			this.#fault(listener.owner, error);
		}
	}

	#of(type: string): Set<Listener> {
		const listeners = this.#listeners.get(type) ?? new Set();
		this.#listeners.set(type, listeners);
		return listeners;
	}

	#learn(id: string): boolean {
		if (this.#knownIds.has(id)) {
			return false;
		}
		this.#knownIds.add(id);
		for (const oldest of this.#knownIds) {
			if (this.#knownIds.size <= KNOWN_IDS) {
				break;
			}
			this.#knownIds.delete(oldest);
		}
		return true;
	}
}

/** An event as this page makes it: its data is what would arrive elsewhere, and nobody's to change. */
function madeHere(type: string, data: Readonly<Record<string, unknown>>, source: string): HubEvent {
	const carried = Object.freeze(JSON.parse(JSON.stringify(data)));
	return Object.freeze({ id: null, type, timestamp: new Date(), source, data: carried, by: null });
}
