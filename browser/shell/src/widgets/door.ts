/** The widget host as front-ends see it. What draws widgets is loaded with the first of them. */

import type { WidgetHost } from "@mainhub/sdk/core";
import { element } from "../element.js";
import type { FrontendList } from "../frontends.js";
import type { Preferences } from "../preferences.js";
import type { WidgetPlaces, WidgetWorld } from "./places.js";

export class WidgetDoor {
	readonly #world: WidgetWorld;
	readonly #frontends: FrontendList;
	readonly #preferences: Preferences;
	#places: Promise<WidgetPlaces> | null = null;

	constructor(frontends: FrontendList, preferences: Preferences, world: WidgetWorld) {
		this.#frontends = frontends;
		this.#preferences = preferences;
		this.#world = world;
	}

	/** Returns the host for one front-end, whose widgets go at the latest when *leaving* is aborted. */
	hostFor(leaving: AbortSignal): WidgetHost {
		const list = () => this.#frontends.widgets;
		return {
			get list() {
				return list();
			},
			mount: (id, root, signal, options = {}) =>
				this.#mount(id, root, AbortSignal.any([signal, leaving]), options.size),
		};
	}

	/** Tells the widgets of *frontend* that their code has failed; `false` when there are none. */
	async reportLate(frontend: string, error: unknown): Promise<boolean> {
		return (await this.#places?.catch(() => null))?.reportLate(frontend, error) ?? false;
	}

	async #mount(...what: Parameters<WidgetPlaces["mount"]>): Promise<void> {
		const [id, root, signal] = what;
		try {
			await (await this.#open()).mount(...what);
		} catch (error) {
			console.warn(`Widget ${id}:`, error);
			if (!signal.aborted) {
				this.#apologize(what);
				signal.addEventListener("abort", () => root.replaceChildren(), { once: true });
			}
		}
	}

	#open(): Promise<WidgetPlaces> {
		this.#places ??= import("./places.js").then(({ WidgetPlaces }) => new WidgetPlaces(this.#world));
		this.#places.catch(() => {
			this.#places = null;
		});
		return this.#places;
	}

	/** Not even what draws the failure card has come. */
	#apologize(what: Parameters<WidgetPlaces["mount"]>): void {
		const [id, root] = what;
		const { words, locale } = this.#preferences;
		const title = this.#frontends.widgets.find((widget) => widget.id === id)?.titles[locale] ?? id;
		const again = () => {
			root.replaceChildren();
			void this.#mount(...what);
		};
		const retry = element("button", { class: "b", type: "button", onclick: again }, words.retry);
		root.replaceChildren(element("div", { class: "widget-card" }, element("p", {}, words.failedTitle(title)), retry));
	}
}
