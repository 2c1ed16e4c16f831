/** Draws what went through a pipeline. Loaded when a chart is first shown, for its weight. */

import type UPlot from "uplot";
import { bars, countAxis, mark, type Plot, plotOn, type Size, timeAxis } from "../canvas.js";
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

/** The least that the tallest bar stands for, so that one call is not drawn as a storm. */
const LEAST_TOP = 5;
/** In pixels: of the band that says the state, and of the gaps around it. */
const BAND = 6;
const GAP = 2;

/**
 * Draws into *host*, within *root*; with *axes* also the scales.
 *
 * @throws Error when there is no canvas to be had.
 */
export function plot(host: HTMLElement, root: ShadowRoot, size: Size, first: Shown, axes: boolean): Plot<Shown> {
	return plotOn(host, root, first, dataOf, (shown) => options(size, shown, axes));
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
	const look = () => shown().palette;
	return {
		...size,
		padding: axes ? [6, 6, 0, 0] : [1, 0, BAND + GAP, 0],
		legend: { show: false },
		cursor: { show: false },
		scales: {
			x: { time: false, range: () => [shown().from, shown().to] },
			y: { range: (_, _least, most) => [0, Math.max(LEAST_TOP, (most ?? 0) * 1.05)] },
		},
		axes: axes
			? [timeAxis(look, (date) => shown().time(date), BAND + 2 * GAP + 2), countAxis(look)]
			: [{ show: false }, { show: false }],
		series: [{}, bars(0.3, () => look().rejected), bars(0.65, () => look().passed), bars(0.9, () => look().failures)],
		hooks: {
			drawClear: [(drawn) => shade(drawn, shown())],
			draw: [(drawn) => band(drawn, shown()), (drawn) => mark(drawn, shown().chosen, look().chosen)],
		},
	};
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
