/** Draws what went through a pipeline. Loaded when a chart is first shown, for its weight. */

import { unsafeCSS } from "lit";
import UPlot from "uplot";
import sheet from "uplot/dist/uPlot.min.css?inline";
import type { Point, Stretch } from "./history.js";
import type { Palette } from "./palette.js";
import type { BreakerState } from "./states.js";

/** What a plot shows. Everything is drawn anew with each. */
export interface Shown {
	readonly points: readonly Point[];
	readonly everySeconds: number;
	readonly stretches: readonly Stretch[];
	/** Seconds since 1970. */
	readonly from: number;
	readonly to: number;
	readonly palette: Palette;
	/** The point that a line marks. */
	readonly chosen: number | null;
	readonly time: (date: Date) => string;
}

export interface Size {
	readonly width: number;
	readonly height: number;
}

export interface Plot {
	readonly show: (shown: Shown) => void;
	readonly resize: (size: Size) => void;
	/** Returns the point nearest to *left*, in pixels from the plot's own edge; `null`: there is none. */
	readonly nearest: (left: number) => number | null;
	readonly remove: () => void;
}

/** The least that the tallest bar stands for, so that one call is not drawn as a storm. */
const LEAST_TOP = 5;
/** In pixels: of the band that says the state, and of the gaps around it. */
const BAND = 6;
const GAP = 2;

/** Style of every plot; a page's policy allows constructed sheets. */
const STYLE = unsafeCSS(sheet).styleSheet;

/**
 * Draws into *host*, within *root*; with *axes* also the scales.
 *
 * @throws Error when there is no canvas to be had.
 */
export function plot(host: HTMLElement, root: ShadowRoot, size: Size, first: Shown, axes: boolean): Plot {
	// uPlot would find out later, where nobody can catch it.
	if (document.createElement("canvas").getContext("2d") === null) {
		throw new Error("there is no canvas");
	}
	if (STYLE !== undefined && !root.adoptedStyleSheets.includes(STYLE)) {
		root.adoptedStyleSheets = [...root.adoptedStyleSheets, STYLE];
	}
	let shown = first;
	const drawn = new UPlot(
		options(size, () => shown, axes),
		dataOf(shown),
		host,
	);
	return {
		show(next) {
			shown = next;
			drawn.setData(dataOf(shown));
		},
		resize: (next) => drawn.setSize(next),
		nearest(left) {
			const edge = drawn.over.getBoundingClientRect().left - host.getBoundingClientRect().left;
			return shown.points.length === 0 ? null : drawn.posToIdx(left - edge);
		},
		remove: () => drawn.destroy(),
	};
}

/** In the middle of the interval that each point tells of; each series stands in front of the one before. */
function dataOf({ points, everySeconds }: Shown): UPlot.AlignedData {
	return [
		points.map(({ at }) => at.getTime() / 1000 - everySeconds / 2),
		points.map(({ calls }) => calls),
		points.map(({ calls, rejected }) => Math.max(0, calls - rejected)),
		points.map(({ failures }) => failures),
	];
}

function options(size: Size, shown: () => Shown, axes: boolean): UPlot.Options {
	// Apart by their width, too: not everybody tells them apart by colour.
	const bars = (share: number, ink: (palette: Palette) => string): UPlot.Series => {
		const paths = UPlot.paths.bars?.({ size: [share, 12 * share] });
		return {
			...(paths === undefined ? {} : { paths }),
			fill: () => ink(shown().palette),
			width: 0,
			points: { show: false },
		};
	};
	return {
		...size,
		padding: axes ? [6, 6, 0, 0] : [1, 0, BAND + GAP, 0],
		legend: { show: false },
		cursor: { show: false },
		scales: {
			x: { time: false, range: () => [shown().from, shown().to] },
			y: { range: (_, _least, most) => [0, Math.max(LEAST_TOP, (most ?? 0) * 1.05)] },
		},
		axes: axes ? scales(shown) : [{ show: false }, { show: false }],
		series: [
			{},
			bars(0.3, (palette) => palette.rejected),
			bars(0.65, (palette) => palette.passed),
			bars(0.9, (palette) => palette.failures),
		],
		hooks: {
			drawClear: [(drawn) => shade(drawn, shown())],
			draw: [(drawn) => band(drawn, shown()), (drawn) => mark(drawn, shown())],
		},
	};
}

function scales(shown: () => Shown): UPlot.Axis[] {
	const common = {
		stroke: () => shown().palette.ink,
		font: shown().palette.font,
		ticks: { show: false },
	};
	return [
		{
			...common,
			size: 32,
			gap: BAND + 2 * GAP + 2,
			space: 76,
			incrs: [60, 120, 180, 300],
			grid: { show: false },
			values: (_, splits) => splits.map((seconds) => shown().time(new Date(seconds * 1000))),
		},
		{
			...common,
			size: 36,
			gap: 6,
			space: 28,
			incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
			grid: { stroke: () => shown().palette.grid, width: 1 },
		},
	];
}

/** Behind the bars: while nothing went through, or little. */
function shade(drawn: UPlot, { stretches, palette, from }: Shown): void {
	const { ctx, bbox } = drawn;
	for (const { state, from: begun, to } of stretches) {
		const colour = palette.shades[state];
		if (colour !== null) {
			const left = drawn.valToPos(Math.max(begun, from), "x", true);
			ctx.fillStyle = colour;
			ctx.fillRect(left, bbox.top, drawn.valToPos(to, "x", true) - left, bbox.height);
		}
	}
}

/** Below the bars: the state, by shape first. */
function band(drawn: UPlot, { stretches, palette, from }: Shown): void {
	const { ctx, bbox } = drawn;
	const scale = devicePixelRatio;
	const top = bbox.top + bbox.height + GAP * scale;
	ctx.save();
	for (const { state, from: begun, to } of stretches) {
		const left = drawn.valToPos(Math.max(begun, from), "x", true);
		const width = Math.max(scale, drawn.valToPos(to, "x", true) - left);
		ctx.fillStyle = palette.states[state];
		for (const [x, y, wide, high] of shapes(state, width / scale)) {
			ctx.fillRect(left + x * scale, top + y * scale, wide * scale, high * scale);
		}
	}
	ctx.restore();
}

type Box = readonly [x: number, y: number, width: number, height: number];

/** Returns the boxes that draw *state* over *width* pixels: a line, a bar, a frame, dashes, dots. */
export function shapes(state: BreakerState, width: number): readonly Box[] {
	switch (state) {
		case "closed":
			return [[0, BAND - 2, width, 2]];
		case "open":
			return [[0, 0, width, BAND]];
		case "isolated":
			return [
				[0, 0, width, 2],
				[0, BAND - 2, width, 2],
			];
		case "half-open":
			return pieces(width, 5, 3, BAND);
		case "disabled":
			return pieces(width, 2, 3, 2);
	}
}

function pieces(width: number, long: number, gap: number, high: number): readonly Box[] {
	const count = Math.max(1, Math.ceil(width / (long + gap)));
	return Array.from({ length: count }, (_, at) => {
		const x = at * (long + gap);
		return [x, BAND - high, Math.min(long, width - x), high] as const;
	});
}

/** The line through the point that is being read. */
function mark(drawn: UPlot, { chosen, points, palette }: Shown): void {
	if (chosen === null || points[chosen] === undefined) {
		return;
	}
	const { ctx, bbox } = drawn;
	const x = drawn.valToPos(drawn.data[0][chosen] ?? 0, "x", true);
	ctx.fillStyle = palette.chosen;
	ctx.fillRect(Math.round(x - devicePixelRatio / 2), bbox.top, devicePixelRatio, bbox.height);
}
