/** Draws widgets, each in a box of its own: what one does wrong stays in its box. */

import type { FrontendProps, Widget, WidgetEntry, WidgetProps, WidgetSize } from "@mainhub/sdk/core";
import { Attempt } from "../attempt.js";
import type { FrontendEntry, Limits } from "../boot.js";
import { element } from "../element.js";
import { FrontendFailure } from "../failure.js";
import type { FrontendList } from "../frontends.js";
import type { Loader } from "../loader.js";
import type { Preferences } from "../preferences.js";
import { failureCard, lateNote } from "./card.js";
import { WidgetModules } from "./modules.js";
import { widgetStyle } from "./style.js";

export interface WidgetWorld {
	readonly frontends: FrontendList;
	readonly preferences: Preferences;
	readonly loader: Pick<Loader, "load" | "needsNewPage">;
	readonly limits: Pick<Limits, "loadSeconds" | "mountSeconds">;
	readonly propsFor: (frontend: FrontendEntry, attempt: Attempt) => FrontendProps;
	readonly failed: (frontend: string, failure: unknown, traceId: string) => void;
	readonly reloadPage: () => void;
}

export class WidgetPlaces {
	readonly #world: WidgetWorld;
	readonly #modules: WidgetModules;
	readonly #places = new Set<Place>();

	constructor(world: WidgetWorld) {
		this.#world = world;
		this.#modules = new WidgetModules(world.loader);
	}

	/** Draws widget *id* into *root* until *signal* is aborted. Resolves when something final stands there. */
	async mount(id: string, root: HTMLElement, signal: AbortSignal, size?: WidgetSize): Promise<void> {
		if (signal.aborted) {
			return;
		}
		const place = new Place(id, size, this.#world, this.#modules);
		this.#places.add(place);
		root.append(place.box);
		const watching = new AbortController();
		const leave = () => {
			watching.abort();
			this.#places.delete(place);
			place.leave();
		};
		signal.addEventListener("abort", leave, { once: true });
		const draw = place.draw();
		let isFirst = true;
		this.#world.preferences.watch(() => {
			if (!isFirst) {
				place.update();
			}
			isFirst = false;
		}, watching.signal);
		await draw;
	}

	/** Says in the mounted widgets of *frontend* that their code has failed; `false` when there are none. */
	reportLate(frontend: string, error: unknown): boolean {
		const places = [...this.#places].filter((place) => place.isMountedOf(frontend));
		for (const place of places) {
			place.reportLate(error);
		}
		return places.length > 0;
	}
}

class Place {
	readonly box = element("div", { class: "widget" });
	/** Looks the same wherever it is placed, in a front-end's own shadow tree too. */
	readonly #inside = this.box.attachShadow({ mode: "open" });
	readonly #id: string;
	readonly #size: WidgetSize | undefined;
	readonly #world: WidgetWorld;
	readonly #modules: WidgetModules;
	#attempt = new Attempt();
	/** Aborted when what the host itself says in the box goes. */
	#said = new AbortController();
	#widget: Widget | null = null;
	#hasLeft = false;

	constructor(id: string, size: WidgetSize | undefined, world: WidgetWorld, modules: WidgetModules) {
		this.#id = id;
		this.#size = size;
		this.#world = world;
		this.#modules = modules;
		this.box.dataset["widget"] = id;
		this.#inside.adoptedStyleSheets = [widgetStyle()];
	}

	isMountedOf(frontend: string): boolean {
		return this.#widget !== null && this.#id.startsWith(`${frontend}/`);
	}

	/** Never rejects. */
	async draw(): Promise<void> {
		const attempt = new Attempt();
		this.#attempt = attempt;
		const skeleton = element(
			"div",
			{ class: "widget-skeleton", "aria-hidden": "true" },
			...["", "", ""].map(() => element("span")),
		);
		this.#inside.replaceChildren(attempt.container, skeleton);
		this.#mark("loading");
		try {
			const { entry, frontend } = this.#entry();
			const widget = await this.#modules.find(frontend, entry.name, attempt);
			await this.#mount(widget, attempt);
			skeleton.remove();
			this.#widget = widget;
			this.#mark("mounted");
		} catch (error) {
			if (!attempt.signal.aborted) {
				this.#fail(attempt, error);
			}
		}
	}

	/** Language or theme have changed. */
	update(): void {
		const { signal, container } = this.#attempt;
		const widget = this.#widget;
		if (widget === null || signal.aborted) {
			return;
		}
		if (widget.update === undefined) {
			this.again();
			return;
		}
		settle(
			async () => widget.update?.(container, this.#props(this.#attempt)),
			(error) => this.reportLate(error),
		);
	}

	reportLate(error: unknown): void {
		const { preferences } = this.#world;
		this.#attempt.lateErrors.push(error);
		this.#inside.querySelector(".banner")?.remove();
		const facts = { title: this.#title(), restart: () => this.again(), signal: this.#saying() };
		this.#inside.prepend(lateNote(facts, preferences));
	}

	again(): void {
		if (this.#hasLeft) {
			return;
		}
		const entry = this.#known();
		if (entry !== null && this.#world.loader.needsNewPage(entry.frontend)) {
			this.#world.reloadPage();
			return;
		}
		this.#end("It is tried again.");
		void this.draw();
	}

	leave(): void {
		this.#hasLeft = true;
		this.#end("The widget was taken away.");
		this.box.remove();
	}

	async #mount(widget: Widget, attempt: Attempt): Promise<void> {
		const started = new Date();
		const report = (failure: FrontendFailure | null) =>
			attempt.report({ at: started, phase: "mount", failure, seconds: (Date.now() - started.getTime()) / 1000 });
		const work = (async () => widget.mount(attempt.container, this.#props(attempt)))();
		try {
			await attempt.within(work, this.#world.limits.mountSeconds);
			report(null);
		} catch (error) {
			const failure = error instanceof FrontendFailure ? error : new FrontendFailure("mount", { cause: error });
			report(failure);
			// What mounts after all, unseen, is unmounted again.
			work.then(
				() => this.#unmount(widget, attempt),
				() => {},
			);
			throw failure;
		}
	}

	#fail(attempt: Attempt, error: unknown): void {
		const { preferences, limits } = this.#world;
		const failure = error instanceof FrontendFailure ? error : new FrontendFailure("mount", { cause: error });
		console.warn(`Widget ${this.#id}, ${failure.message}:`, failure.cause ?? failure);
		attempt.controller.abort(failure);
		const facts = { title: this.#title(), attempt, failure, limits, retry: () => this.again(), signal: this.#saying() };
		this.#inside.replaceChildren(failureCard(facts, preferences));
		this.#mark("failed");
		this.#world.failed(this.#id.split("/")[0] ?? "", failure, attempt.traceId);
	}

	#end(why: string): void {
		const widget = this.#widget;
		const attempt = this.#attempt;
		this.#widget = null;
		this.#said.abort();
		attempt.controller.abort(new DOMException(why, "AbortError"));
		if (widget !== null) {
			this.#unmount(widget, attempt);
		}
	}

	#unmount(widget: Widget, { container }: Attempt): void {
		settle(
			async () => widget.unmount?.(container),
			(error) => console.warn(`Widget ${this.#id}, unmount:`, error),
		);
	}

	#props(attempt: Attempt): WidgetProps {
		const { entry, frontend } = this.#entry();
		const { domElement, basePath, setTitle, onMessage, widgets, ...props } = this.#world.propsFor(frontend, attempt);
		return { ...props, size: this.#size ?? entry.size };
	}

	/** @throws FrontendFailure when the person has no such widget. */
	#entry(): { entry: WidgetEntry; frontend: FrontendEntry } {
		const known = this.#known();
		if (known === null) {
			throw new FrontendFailure("not-open");
		}
		return known;
	}

	#known(): { entry: WidgetEntry; frontend: FrontendEntry } | null {
		const { frontends } = this.#world;
		const entry = frontends.widgets.find(({ id }) => id === this.#id);
		const frontend = entry === undefined ? null : frontends.named(entry.frontend);
		return entry === undefined || frontend === null ? null : { entry, frontend };
	}

	#saying(): AbortSignal {
		this.#said.abort();
		this.#said = new AbortController();
		return this.#said.signal;
	}

	#title(): () => string {
		return () => this.#known()?.entry.titles[this.#world.preferences.locale] ?? this.#id;
	}

	#mark(state: "loading" | "mounted" | "failed"): void {
		this.box.dataset["state"] = state;
	}
}

function settle(work: () => Promise<unknown>, failed: (error: unknown) => void): void {
	work().catch(failed);
}
