import { defineElement, formatClock, formatTime, type Locale, type Theme } from "@mainhub/sdk";
import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { type History, joined, type Point, SHOWN_SECONDS, stretches } from "./history.js";
import { paletteOf } from "./palette.js";
import type { Plot, Shown, Size } from "./plot.js";
import { RESILIENCE_WORDS, type ResilienceWords } from "./words.js";

type Drawing = typeof import("./plot.js");

const HEIGHTS = { row: 34, panel: 176 } as const;
/** How many seconds a bar stands for, at least: no more bars than there is room for. */
const BAR_SECONDS = { row: 20, panel: 10 } as const;
/** What changes the colours without changing the theme that a person chose. */
const MEDIA = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"];

/**
 * `<pipeline-chart place="panel">`: calls, failures and state in the last ten minutes. In a `row` it is
 * drawn alone and silent; in a `panel` it has scales, a legend, and a reader for pointer and keyboard.
 */
export class PipelineChart extends LitElement {
	static override properties = {
		history: { attribute: false },
		locale: { attribute: false },
		theme: { attribute: false },
		place: { type: String, reflect: true },
		heading: { type: String },
		chosen: { state: true },
		isMissing: { state: true },
	};

	static override styles = css`
		:host {
			display: block; min-inline-size: 0; font: var(--t-small); color: var(--ink-2);
			--chart-passed: var(--c1); --chart-failures: var(--bad-mark); --chart-rejected: var(--warn-mark);
			--chart-ink: var(--ink-3); --chart-line: var(--chart-grid); --chart-chosen: var(--ink);
			--chart-open: var(--bad-mark); --chart-isolated: var(--bad-mark); --chart-half-open: var(--warn-mark);
			--chart-disabled: var(--idle-mark); --chart-closed: var(--ok-mark);
			--chart-shade-shut: var(--bad-soft); --chart-shade-trying: var(--warn-soft);
		}
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
		.passed { color: var(--chart-passed) } .failures { color: var(--chart-failures) } .rejected { color: var(--chart-rejected) }
		.open { color: var(--chart-open) } .isolated { color: var(--chart-isolated) } .half-open { color: var(--chart-half-open) }
		.disabled { color: var(--chart-disabled) } .closed { color: var(--chart-closed) }
		@media (forced-colors: active) {
			:host, .probe, svg {
				forced-color-adjust: none;
				--chart-passed: CanvasText; --chart-failures: Highlight; --chart-rejected: LinkText; --chart-ink: CanvasText;
				--chart-line: GrayText; --chart-chosen: LinkText; --chart-open: Highlight; --chart-isolated: Highlight;
				--chart-half-open: LinkText; --chart-disabled: GrayText; --chart-closed: CanvasText;
				--chart-shade-shut: transparent; --chart-shade-trying: transparent;
			}
			:host { color: CanvasText }
		}
	`;

	declare history: History;
	declare locale: Locale;
	/** Drawn anew when it changes. */
	declare theme: Theme;
	declare place: keyof typeof HEIGHTS;
	declare heading: string;
	/** The end of the interval that is being read, in milliseconds; `null`: none is. */
	declare chosen: number | null;
	/** What draws could not be loaded. */
	declare isMissing: boolean;
	#plot: Plot | null = null;
	#presence = new AbortController();

	constructor() {
		super();
		this.history = { points: [], everySeconds: 1 };
		this.locale = "en";
		this.theme = "system";
		this.place = "row";
		this.heading = "";
		this.chosen = null;
		this.isMissing = false;
	}

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
		return this.place === "row"
			? html`<div class="plot" aria-hidden="true">${probe}</div>`
			: html`<div
						class="plot" tabindex="0" role="slider" data-testid="chart" aria-label=${this.heading} aria-valuemin="1"
						aria-valuemax=${Math.max(1, this.#points.length)} aria-valuenow=${(this.#place ?? this.#points.length - 1) + 1}
						aria-valuetext=${this.#told} @keydown=${this.#keydown} @pointermove=${this.#point} @pointerleave=${this.#leave} @blur=${this.#leave}
					>${probe}</div>
					<p class="reading" data-testid="chart-reading" aria-hidden="true">${this.isMissing ? this.#words.noChart : this.#told}</p>
					${this.#legend()}`;
	}

	protected override updated(changed: PropertyValues): void {
		if (changed.size > 0) {
			this.#show();
		}
	}

	get #words(): ResilienceWords {
		return RESILIENCE_WORDS[this.locale];
	}

	/** Those that are drawn. */
	get #points(): readonly Point[] {
		return joined(this.history.points, this.#barSeconds);
	}

	get #barSeconds(): number {
		return Math.max(BAR_SECONDS[this.place], this.history.everySeconds);
	}

	/** Which point is being read. */
	get #place(): number | null {
		if (this.chosen === null) {
			return null;
		}
		const found = this.#points.findIndex(({ at }) => at.getTime() >= (this.chosen ?? 0));
		return found === -1 ? null : found;
	}

	/** What the chosen point says, the newest when none is. */
	get #told(): string {
		const point = this.#points[this.#place ?? this.#points.length - 1];
		return point === undefined ? this.#words.noHistory : this.#words.point(formatClock(point.at, this.locale), point);
	}

	#legend(): TemplateResult {
		const words = this.#words;
		const states = [...new Set(this.history.points.map(({ state }) => state).filter((state) => state !== null))];
		const key = (name: string, drawing: string, text: string) =>
			html`<li><svg class=${name} viewBox="0 0 16 8" aria-hidden="true"><path d=${drawing}></path></svg>${text}</li>`;
		return html`<ul aria-label=${words.legend}>
			${key("passed", "M5 0h6v8H5z", words.passed)} ${key("failures", "M3 0h10v8H3z", words.failures)}
			${key("rejected", "M7 0h2v8H7z", words.turnedAway)}
			${states.map((state) => key(state, BANDS[state], words.states[state]))}
		</ul>`;
	}

	async #begin(signal: AbortSignal): Promise<void> {
		try {
			const drawing: Drawing = await import("./plot.js");
			await this.updateComplete;
			if (!signal.aborted) {
				this.#draw(drawing, signal);
			}
		} catch {
			// Not loaded, or no canvas to be had: the table beside it says the same.
			this.isMissing = true;
		}
	}

	#draw(drawing: Drawing, signal: AbortSignal): void {
		const host = this.renderRoot.querySelector<HTMLElement>(".plot");
		if (host === null || !(this.renderRoot instanceof ShadowRoot)) {
			return;
		}
		this.#plot = drawing.plot(host, this.renderRoot, this.#sizeOf(host), this.#shown(), this.place === "panel");
		const sizes = new ResizeObserver(() => this.#resize(host));
		signal.addEventListener("abort", () => sizes.disconnect(), { once: true });
		sizes.observe(host);
	}

	#sizeOf(host: HTMLElement): Size {
		return { width: Math.max(1, host.clientWidth), height: HEIGHTS[this.place] };
	}

	#resize(host: HTMLElement): void {
		this.#plot?.resize(this.#sizeOf(host));
	}

	#show(): void {
		this.#plot?.show(this.#shown());
	}

	#shown(): Shown {
		const { history, locale } = this;
		const points = this.#points;
		const to = (points.at(-1)?.at ?? new Date()).getTime() / 1000;
		const element = this.renderRoot.querySelector<HTMLElement>(".probe") ?? this;
		return {
			points,
			everySeconds: this.#barSeconds,
			stretches: stretches(history),
			from: to - SHOWN_SECONDS,
			to,
			palette: paletteOf(element),
			chosen: this.#place,
			time: (date) => formatTime(date, locale),
		};
	}

	#choose(place: number | null): void {
		this.chosen = place === null ? null : (this.#points[place]?.at.getTime() ?? null);
	}

	readonly #leave = (): void => this.#choose(null);

	readonly #point = (event: PointerEvent): void => {
		const host = event.currentTarget as HTMLElement;
		this.#choose(this.#plot?.nearest(event.clientX - host.getBoundingClientRect().left) ?? null);
	};

	readonly #keydown = (event: KeyboardEvent): void => {
		const last = this.#points.length - 1;
		const place = this.#place ?? last;
		const minute = Math.max(1, Math.round(60 / this.#barSeconds));
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
const probe = html`<span class="probe"></span>`;

/** As `shapes` draws them. */
const BANDS = {
	open: "M0 1h16v6H0z",
	isolated: "M0 1h16v2H0zM0 5h16v2H0z",
	"half-open": "M0 1h4v6H0zM6 1h4v6H6zM12 1h4v6h-4z",
	disabled: "M1 5h2v2H1zM5 5h2v2H5zM9 5h2v2H9zM13 5h2v2h-2z",
	closed: "M0 5h16v2H0z",
} as const;

defineElement("pipeline-chart", PipelineChart);
