import { defineElement, formatClock, formatTime } from "@mainhub/sdk";
import { css, type TemplateResult } from "lit";
import { type Draw, TimeChart } from "../time-chart.js";
import { type History, joined, type Point, SHOWN_SECONDS } from "./history.js";
import type { Inks, Shown } from "./plot.js";
import { CACHE_WORDS, type CacheWords } from "./words.js";

/** How many seconds a bar stands for, at least: no more bars than there is room for. */
const BAR_SECONDS = { narrow: 20, wide: 10 } as const;
const NARROW = 480;

/** `<cache-chart place="panel">`: what was asked for in the last ten minutes, and the share that was there. */
export class CacheChart extends TimeChart<Point, Shown> {
	static override properties = { ...TimeChart.properties, history: { attribute: false } };

	static override styles = [
		...TimeChart.styles,
		css`
			:host {
				--chart-level1: var(--c1); --chart-level2: var(--c3); --chart-stale: var(--c2); --chart-misses: var(--c6);
				--chart-ratio: var(--ink); --chart-errors: var(--warn-mark);
				--chart-ink: var(--ink-3); --chart-line: var(--chart-grid);
			}
			.level1 { color: var(--chart-level1) } .level2 { color: var(--chart-level2) } .stale { color: var(--chart-stale) }
			.misses { color: var(--chart-misses) } .ratio { color: var(--chart-ratio) } .errors { color: var(--chart-errors) }
			@media (forced-colors: active) {
				:host, .probe, svg {
					--chart-level1: CanvasText; --chart-level2: LinkText; --chart-stale: Highlight; --chart-misses: GrayText;
					--chart-ratio: Highlight; --chart-errors: Highlight; --chart-ink: CanvasText; --chart-line: GrayText;
				}
			}
		`,
	];

	declare history: History;

	constructor() {
		super();
		this.history = { points: [], everySeconds: 1 };
	}

	get #words(): CacheWords {
		return CACHE_WORDS[this.locale];
	}

	protected override points(): readonly Point[] {
		return joined(this.history.points, this.pointSeconds());
	}

	protected override pointSeconds(): number {
		// No width: it has not been laid out yet.
		const isNarrow = this.clientWidth > 0 && this.clientWidth < NARROW;
		return Math.max(isNarrow ? BAR_SECONDS.narrow : BAR_SECONDS.wide, this.history.everySeconds);
	}

	protected override told(point: Point | undefined): string {
		return point === undefined ? this.#words.noHistory : this.#words.point(formatClock(point.at, this.locale), point);
	}

	protected override noChart(): string {
		return this.#words.noChart;
	}

	protected override legendName(): string {
		return this.#words.legend;
	}

	/** Only what there was: a hub without level 2 has no hits there. */
	protected override legend(): readonly TemplateResult[] {
		const words = this.#words;
		const seen = (name: "level2" | "stale" | "errors") => this.history.points.some((point) => point[name] > 0);
		return [
			this.key("level1", "M1 0h14v8H1z", words.counts.level1),
			...(seen("level2") ? [this.key("level2", "M2.5 0h11v8h-11z", words.counts.level2)] : []),
			...(seen("stale") ? [this.key("stale", "M4.5 0h7v8h-7z", words.counts.stale)] : []),
			this.key("misses", "M6 0h4v8H6z", words.counts.misses),
			this.key("ratio", "M0 3h16v2H0z", words.ratio),
			...(seen("errors") ? [this.key("errors", "M0 5h16v3H0z", words.counts.errors)] : []),
		];
	}

	protected override async load(): Promise<Draw<Shown>> {
		return (await import("./plot.js")).plot;
	}

	protected override shown(probe: HTMLElement): Shown {
		const { locale } = this;
		const points = this.points();
		const to = (points.at(-1)?.at ?? new Date()).getTime() / 1000;
		return {
			points,
			everySeconds: this.pointSeconds(),
			from: to - SHOWN_SECONDS,
			to,
			inks: inksOf(probe),
			chosen: this.placeOf(points),
			time: (date) => formatTime(date, locale),
			isFrench: locale === "fr",
		};
	}
}

const INKS = {
	level1: "--chart-level1",
	level2: "--chart-level2",
	stale: "--chart-stale",
	misses: "--chart-misses",
	ratio: "--chart-ratio",
	errors: "--chart-errors",
	ink: "--chart-ink",
	grid: "--chart-line",
} as const;

/** Reads the colours by giving *probe* one after the other: a canvas knows neither tokens nor themes. */
function inksOf(probe: HTMLElement): Inks {
	const style = getComputedStyle(probe);
	const read = Object.entries(INKS).map(([name, property]) => {
		probe.style.color = `var(${property})`;
		return [name, style.color];
	});
	const inks = Object.fromEntries(read) as Record<keyof typeof INKS, string>;
	return { ...inks, font: `${style.fontSize} ${style.fontFamily}` };
}

defineElement("cache-chart", CacheChart);
