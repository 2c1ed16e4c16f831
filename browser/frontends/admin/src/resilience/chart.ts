import { defineElement, formatClock, formatTime } from "@mainhub/sdk";
import { css, type TemplateResult } from "lit";
import { type Draw, TimeChart } from "../time-chart.js";
import { type History, joined, type Point, SHOWN_SECONDS, stretches } from "./history.js";
import { paletteOf } from "./palette.js";
import type { Shown } from "./plot.js";
import { RESILIENCE_WORDS, type ResilienceWords } from "./words.js";

/** How many seconds a bar stands for, at least: no more bars than there is room for. */
const BAR_SECONDS = { row: 20, panel: 10 } as const;

/** `<pipeline-chart place="panel">`: calls, failures and state in the last ten minutes. */
export class PipelineChart extends TimeChart<Point, Shown> {
	static override properties = { ...TimeChart.properties, history: { attribute: false } };

	static override styles = [
		...TimeChart.styles,
		css`
			:host {
				--chart-passed: var(--c1); --chart-failures: var(--bad-mark); --chart-rejected: var(--warn-mark);
				--chart-ink: var(--ink-3); --chart-line: var(--chart-grid); --chart-chosen: var(--ink);
				--chart-open: var(--bad-mark); --chart-isolated: var(--bad-mark); --chart-half-open: var(--warn-mark);
				--chart-disabled: var(--idle-mark); --chart-closed: var(--ok-mark);
				--chart-shade-shut: var(--bad-soft); --chart-shade-trying: var(--warn-soft);
			}
			.passed { color: var(--chart-passed) } .failures { color: var(--chart-failures) } .rejected { color: var(--chart-rejected) }
			.open { color: var(--chart-open) } .isolated { color: var(--chart-isolated) } .half-open { color: var(--chart-half-open) }
			.disabled { color: var(--chart-disabled) } .closed { color: var(--chart-closed) }
			@media (forced-colors: active) {
				:host, .probe, svg {
					--chart-passed: CanvasText; --chart-failures: Highlight; --chart-rejected: LinkText; --chart-ink: CanvasText;
					--chart-line: GrayText; --chart-chosen: LinkText; --chart-open: Highlight; --chart-isolated: Highlight;
					--chart-half-open: LinkText; --chart-disabled: GrayText; --chart-closed: CanvasText;
					--chart-shade-shut: transparent; --chart-shade-trying: transparent;
				}
			}
		`,
	];

	declare history: History;

	constructor() {
		super();
		this.history = { points: [], everySeconds: 1 };
	}

	get #words(): ResilienceWords {
		return RESILIENCE_WORDS[this.locale];
	}

	protected override points(): readonly Point[] {
		return joined(this.history.points, this.pointSeconds());
	}

	protected override pointSeconds(): number {
		return Math.max(BAR_SECONDS[this.place], this.history.everySeconds);
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

	protected override legend(): readonly TemplateResult[] {
		const words = this.#words;
		const states = [...new Set(this.history.points.map(({ state }) => state).filter((state) => state !== null))];
		return [
			this.key("passed", "M5 0h6v8H5z", words.passed),
			this.key("failures", "M3 0h10v8H3z", words.failures),
			this.key("rejected", "M7 0h2v8H7z", words.turnedAway),
			...states.map((state) => this.key(state, BANDS[state], words.states[state])),
		];
	}

	protected override async load(): Promise<Draw<Shown>> {
		return (await import("./plot.js")).plot;
	}

	protected override shown(probe: HTMLElement): Shown {
		const { history, locale } = this;
		const points = this.points();
		const to = (points.at(-1)?.at ?? new Date()).getTime() / 1000;
		return {
			points,
			everySeconds: this.pointSeconds(),
			stretches: stretches(history),
			from: to - SHOWN_SECONDS,
			to,
			palette: paletteOf(probe),
			chosen: this.placeOf(points),
			time: (date) => formatTime(date, locale),
		};
	}
}

/** As `shapes` draws them. */
const BANDS = {
	open: "M0 1h16v6H0z",
	isolated: "M0 1h16v2H0zM0 5h16v2H0z",
	"half-open": "M0 1h4v6H0zM6 1h4v6H6zM12 1h4v6h-4z",
	disabled: "M1 5h2v2H1zM5 5h2v2H5zM9 5h2v2H9zM13 5h2v2h-2z",
	closed: "M0 5h16v2H0z",
} as const;

defineElement("pipeline-chart", PipelineChart);
