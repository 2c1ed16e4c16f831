/** What charts over time share: loaded when first shown, drawn anew with each answer, read by pointer and keys. */

import type { Locale, Theme } from "@mainhub/sdk";
import { css, html, LitElement, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import type { Plot, Size } from "./canvas.js";

const HEIGHTS = { row: 34, panel: 176 } as const;
/** What changes the colours without changing the theme that a person chose. */
const MEDIA = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"];

/** Draws the first time, into *host* within *root*; with *axes* also the scales. */
export type Draw<S> = (host: HTMLElement, root: ShadowRoot, size: Size, first: S, axes: boolean) => Plot<S>;

/**
 * A chart whose points are intervals of time, oldest first. In a `row` it is drawn alone and silent; in a
 * `panel` it has scales, a legend, and a reader for pointer and keyboard. *S* is all that is drawn.
 */
export abstract class TimeChart<P extends { readonly at: Date }, S> extends LitElement {
	static override properties: PropertyDeclarations = {
		locale: { attribute: false },
		theme: { attribute: false },
		place: { type: String, reflect: true },
		heading: { type: String },
		chosen: { state: true },
		isMissing: { state: true },
	};

	static override styles = [
		css`
			:host { display: block; min-inline-size: 0; font: var(--t-small); color: var(--ink-2) }
			*, ::before, ::after { box-sizing: border-box }
			.plot { position: relative; inline-size: 100%; overflow: hidden; border-radius: var(--r-s) }
			:host([place="row"]) .plot { block-size: 34px }
			:host([place="panel"]) .plot { block-size: 176px; cursor: crosshair }
			.plot:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus-ring) }
			.probe { position: absolute; visibility: hidden; font: var(--t-micro); font-weight: 400 }
			p { margin: 0 }
			.reading { min-block-size: 1rem; margin-block-start: var(--s1); font-variant-numeric: tabular-nums }
			ul { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s3); margin: var(--s1) 0 0; padding: 0; list-style: none }
			li { display: inline-flex; align-items: center; gap: .375rem }
			svg { inline-size: 1rem; block-size: .5rem; flex: none; fill: currentColor }
			@media (forced-colors: active) {
				:host, .probe, svg { forced-color-adjust: none }
				:host { color: CanvasText }
			}
		`,
	];

	declare locale: Locale;
	/** Drawn anew when it changes. */
	declare theme: Theme;
	declare place: keyof typeof HEIGHTS;
	declare heading: string;
	/** The end of the interval that is being read, in milliseconds; `null`: none is. */
	declare chosen: number | null;
	/** What draws could not be loaded. */
	declare isMissing: boolean;
	#plot: Plot<S> | null = null;
	#presence = new AbortController();

	constructor() {
		super();
		this.locale = "en";
		this.theme = "system";
		this.place = "row";
		this.heading = "";
		this.chosen = null;
		this.isMissing = false;
	}

	/** Those that are drawn. */
	protected abstract points(): readonly P[];
	/** How many seconds a point stands for. */
	protected abstract pointSeconds(): number;
	/** What is said of a point, or of none. */
	protected abstract told(point: P | undefined): string;
	protected abstract noChart(): string;
	/** What the colours mean. */
	protected abstract legend(): readonly TemplateResult[];
	protected abstract legendName(): string;
	/** Everything that is drawn; *probe* is an element whose colour may be set to read it. */
	protected abstract shown(probe: HTMLElement): S;
	/** Loads what draws, for its weight only now. */
	protected abstract load(): Promise<Draw<S>>;

	override connectedCallback(): void {
		super.connectedCallback();
		this.#presence = new AbortController();
		const { signal } = this.#presence;
		for (const query of MEDIA) {
			matchMedia(query).addEventListener("change", () => this.#show(), { signal });
		}
		void this.#begin(signal);
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		this.#presence.abort();
		this.#plot?.remove();
		this.#plot = null;
	}

	override render() {
		if (this.place === "row") {
			return html`<div class="plot" aria-hidden="true">${PROBE}</div>`;
		}
		const points = this.points();
		const told = this.told(points[this.placeOf(points) ?? points.length - 1]);
		return html`<div
				class="plot" tabindex="0" role="slider" data-testid="chart" aria-label=${this.heading} aria-valuemin="1"
				aria-valuemax=${Math.max(1, points.length)} aria-valuenow=${Math.max(1, (this.placeOf(points) ?? points.length - 1) + 1)}
				aria-valuetext=${told} @keydown=${this.#keydown} @pointermove=${this.#point} @pointerleave=${this.#leave} @blur=${this.#leave}
			>${PROBE}</div>
			<p class="reading" data-testid="chart-reading" aria-hidden="true">${this.isMissing ? this.noChart() : told}</p>
			<ul aria-label=${this.legendName()}>${this.legend()}</ul>`;
	}

	protected override updated(changed: PropertyValues): void {
		if (changed.size > 0) {
			this.#show();
		}
	}

	/** Which of *points* is being read. */
	protected placeOf(points: readonly P[]): number | null {
		if (this.chosen === null) {
			return null;
		}
		const found = points.findIndex(({ at }) => at.getTime() >= (this.chosen ?? 0));
		return found === -1 ? null : found;
	}

	/** A line of the legend: its *drawing* is a path of 16 by 8. */
	protected key(name: string, drawing: string, text: string): TemplateResult {
		return html`<li><svg class=${name} viewBox="0 0 16 8" aria-hidden="true"><path d=${drawing}></path></svg>${text}</li>`;
	}

	async #begin(signal: AbortSignal): Promise<void> {
		try {
			const draw = await this.load();
			await this.updateComplete;
			if (!signal.aborted) {
				this.#draw(draw, signal);
			}
		} catch {
			// Not loaded, or no canvas to be had: the table beside it says the same.
			this.isMissing = true;
		}
	}

	#draw(draw: Draw<S>, signal: AbortSignal): void {
		const host = this.renderRoot.querySelector<HTMLElement>(".plot");
		if (host === null || !(this.renderRoot instanceof ShadowRoot)) {
			return;
		}
		this.#plot = draw(host, this.renderRoot, this.#sizeOf(host), this.#now(), this.place === "panel");
		const sizes = new ResizeObserver(() => this.#plot?.resize(this.#sizeOf(host)));
		signal.addEventListener("abort", () => sizes.disconnect(), { once: true });
		sizes.observe(host);
	}

	#sizeOf(host: HTMLElement): Size {
		return { width: Math.max(1, host.clientWidth), height: HEIGHTS[this.place] };
	}

	#show(): void {
		this.#plot?.show(this.#now());
	}

	#now(): S {
		return this.shown(this.renderRoot.querySelector<HTMLElement>(".probe") ?? this);
	}

	#choose(place: number | null): void {
		this.chosen = place === null ? null : (this.points()[place]?.at.getTime() ?? null);
	}

	readonly #leave = (): void => this.#choose(null);

	readonly #point = (event: PointerEvent): void => {
		const host = event.currentTarget as HTMLElement;
		this.#choose(this.#plot?.nearest(event.clientX - host.getBoundingClientRect().left) ?? null);
	};

	readonly #keydown = (event: KeyboardEvent): void => {
		const points = this.points();
		const last = points.length - 1;
		const place = this.placeOf(points) ?? last;
		const minute = Math.max(1, Math.round(60 / this.pointSeconds()));
		const steps: Readonly<Record<string, number>> = {
			ArrowLeft: place - 1,
			ArrowDown: place - 1,
			ArrowRight: place + 1,
			ArrowUp: place + 1,
			PageDown: place - minute,
			PageUp: place + minute,
			Home: 0,
			End: last,
		};
		const next = steps[event.key];
		if (next !== undefined) {
			event.preventDefault();
			this.#choose(Math.min(Math.max(next, 0), last));
		}
	};
}

/** What colours are read from. */
const PROBE = html`<span class="probe"></span>`;
