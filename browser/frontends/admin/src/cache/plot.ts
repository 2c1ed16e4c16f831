/** Draws what was asked of the cache. Loaded when its chart is first shown, for its weight. */

import type UPlot from "uplot";
import { bars, countAxis, mark, type Plot, plotOn, type Size, timeAxis } from "../canvas.js";
import { hitRatio, type Point } from "./history.js";

/** Colours by what they draw. */
export interface Inks {
	readonly level1: string;
	readonly level2: string;
	readonly stale: string;
	readonly misses: string;
	readonly ratio: string;
	readonly errors: string;
	readonly ink: string;
	readonly grid: string;
	/** As a canvas takes it. */
	readonly font: string;
}

/** What a plot shows. Everything is drawn anew with each. */
export interface Shown {
	readonly points: readonly Point[];
	readonly everySeconds: number;
	/** Seconds since 1970. */
	readonly from: number;
	readonly to: number;
	readonly inks: Inks;
	/** The point that a line marks. */
	readonly chosen: number | null;
	readonly time: (date: Date) => string;
	readonly isFrench: boolean;
}

/** The least that the tallest bar stands for. */
const LEAST_TOP = 5;
/** In pixels: of the band below that marks errors of level 2, and of the gaps around it. */
const BAND = 4;
const GAP = 2;

/**
 * Draws into *host*, within *root*; with *axes* also the scales.
 *
 * @throws Error when there is no canvas to be had.
 */
export function plot(host: HTMLElement, root: ShadowRoot, size: Size, first: Shown, axes: boolean): Plot<Shown> {
	return plotOn(host, root, first, dataOf, (shown) => options(size, shown, axes));
}

/** Each kind stands on the one before, so the tallest is drawn first, and hidden by the next. */
function dataOf({ points, everySeconds }: Shown): UPlot.AlignedData {
	return [
		points.map(({ at }) => at.getTime() / 1000 - everySeconds / 2),
		points.map(({ level1, level2, stale, misses }) => level1 + level2 + stale + misses),
		points.map(({ level1, level2, stale }) => level1 + level2 + stale),
		points.map(({ level1, level2 }) => level1 + level2),
		points.map(({ level1 }) => level1),
		points.map((point) => hitRatio(point)),
	];
}

function options(size: Size, shown: () => Shown, axes: boolean): UPlot.Options {
	const look = () => shown().inks;
	return {
		...size,
		padding: axes ? [8, 0, 0, 0] : [1, 0, BAND + GAP, 0],
		legend: { show: false },
		cursor: { show: false },
		scales: {
			x: { time: false, range: () => [shown().from, shown().to] },
			y: { range: (_, _least, most) => [0, Math.max(LEAST_TOP, (most ?? 0) * 1.05)] },
			share: { range: () => [0, 1.02] },
		},
		axes: axes
			? [timeAxis(look, (date) => shown().time(date), BAND + 2 * GAP + 2), countAxis(look), shareAxis(shown)]
			: [{ show: false }, { show: false }],
		series: [
			{},
			bars(0.4, () => look().misses),
			bars(0.58, () => look().stale),
			bars(0.76, () => look().level2),
			bars(0.92, () => look().level1),
			{
				scale: "share",
				stroke: () => look().ratio,
				width: 1.5,
				points: { show: (drawn, series) => isAlone(drawn.data[series] ?? []), size: 4, fill: () => look().ratio },
				spanGaps: false,
			},
		],
		hooks: {
			draw: [(drawn) => band(drawn, shown()), (drawn) => mark(drawn, shown().chosen, look().ratio)],
		},
	};
}

/** A single value makes no line. */
function isAlone(values: UPlot.AlignedData[number]): boolean {
	return [...values].filter((value) => value !== null).length < 2;
}

function shareAxis(shown: () => Shown): UPlot.Axis {
	return {
		scale: "share",
		side: 1,
		stroke: () => shown().inks.ink,
		font: shown().inks.font,
		ticks: { show: false },
		size: 44,
		gap: 6,
		splits: () => [0, 0.5, 1],
		grid: { show: false },
		values: (_, splits) => splits.map((part) => `${part * 100}${shown().isFrench ? "\u00a0" : ""}%`),
	};
}

/** Below the bars: the intervals in which level 2 was needed and did not answer. */
function band(drawn: UPlot, { points, everySeconds, inks, from }: Shown): void {
	const { ctx, bbox } = drawn;
	const scale = devicePixelRatio;
	ctx.fillStyle = inks.errors;
	for (const { at, errors } of points) {
		const to = at.getTime() / 1000;
		if (errors > 0 && to > from) {
			const left = drawn.valToPos(Math.max(from, to - everySeconds), "x", true);
			const width = Math.max(scale, drawn.valToPos(to, "x", true) - left);
			ctx.fillRect(left, bbox.top + bbox.height + GAP * scale, width, BAND * scale);
		}
	}
}
