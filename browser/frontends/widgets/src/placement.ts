/** Which cards stand on the person's dashboard, and putting one there or taking it away. */

import { type Api, ApiProblem, fieldsOf, listOf, problemOf, textOf, type WidgetSize } from "@mainhub/sdk";

export interface Placed {
	readonly widget: string;
	readonly size: string;
}

interface Dashboard {
	readonly generation: number;
	readonly cards: readonly Placed[];
}

export type PlacementState =
	| { readonly kind: "loading" }
	| { readonly kind: "unknown"; readonly problem: ApiProblem }
	| { readonly kind: "known"; readonly widgets: ReadonlySet<string> };

/** What was done to a card, and what came of it. */
export type Outcome =
	| { readonly kind: "placed" | "removed" }
	| { readonly kind: "failed"; readonly problem: ApiProblem };

export interface PlacementWorld {
	readonly api: Api;
	readonly signal: AbortSignal;
	/** Told after each save, so that other pages of this browser follow. */
	readonly tell: () => void;
}

const DASHBOARD_PATH = "/hub/v1/dashboard";
/** A card is put onto what stands there now: when others save at the same moment, it is put there again. */
const TRIES = 4;

export class Placement {
	readonly #world: PlacementWorld;
	readonly #changed: (state: PlacementState) => void;
	#queue: Promise<unknown> = Promise.resolve();

	/** *changed* is called with every new state. */
	constructor(world: PlacementWorld, changed: (state: PlacementState) => void) {
		this.#world = world;
		this.#changed = changed;
	}

	/** Asks what stands on the dashboard; *background* when no person did. */
	async look(background = false): Promise<void> {
		try {
			this.#show(await this.#load(background));
		} catch (error) {
			if (!this.#world.signal.aborted && !background) {
				this.#changed({ kind: "unknown", problem: problemOf(error) });
			}
		}
	}

	/** Puts *widget* behind the last card. */
	place(widget: string, size: WidgetSize): Promise<Outcome> {
		return this.#change("placed", (cards) =>
			cards.some((card) => card.widget === widget) ? cards : [...cards, { widget, size }],
		);
	}

	/** Takes *widget* away. */
	remove(widget: string): Promise<Outcome> {
		return this.#change("removed", (cards) => cards.filter((card) => card.widget !== widget));
	}

	/** Makes one change after the other: each starts from what the one before has saved. */
	#change(kind: "placed" | "removed", make: (cards: readonly Placed[]) => readonly Placed[]): Promise<Outcome> {
		const done = this.#queue.then(async (): Promise<Outcome> => {
			try {
				await this.#save(make, TRIES);
				return { kind };
			} catch (error) {
				return { kind: "failed", problem: problemOf(error) };
			}
		});
		this.#queue = done;
		return done;
	}

	async #save(make: (cards: readonly Placed[]) => readonly Placed[], tries: number): Promise<void> {
		const { api, signal, tell } = this.#world;
		const now = await this.#load(false);
		const cards = make(now.cards);
		if (cards.length === now.cards.length) {
			return this.#show(now);
		}
		try {
			const body = { generation: now.generation, cards };
			this.#show(parseDashboard(await api(DASHBOARD_PATH, { method: "PUT", body, signal })));
			tell();
		} catch (error) {
			if (tries <= 1 || !(error instanceof ApiProblem && error.status === 409)) {
				throw error;
			}
			await this.#save(make, tries - 1);
		}
	}

	async #load(background: boolean): Promise<Dashboard> {
		const { api, signal } = this.#world;
		return parseDashboard(await api(DASHBOARD_PATH, { signal, background }));
	}

	#show({ cards }: Dashboard): void {
		if (!this.#world.signal.aborted) {
			this.#changed({ kind: "known", widgets: new Set(cards.map((card) => card.widget)) });
		}
	}
}

/** Parses the answer of `/hub/v1/dashboard`; a size is given back as it came. */
export function parseDashboard(answer: unknown): Dashboard {
	const fields = fieldsOf(answer, "answer");
	const cards = listOf(fields, "cards").map((item) => {
		const card = fieldsOf(item, "card");
		return { widget: textOf(card, "widget"), size: textOf(card, "size") };
	});
	return { generation: Number(fields["generation"]), cards };
}
