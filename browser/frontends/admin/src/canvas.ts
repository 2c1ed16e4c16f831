/** A canvas under a chart. Loaded with what draws on it, for its weight. */

import { unsafeCSS } from "lit";
import UPlot from "uplot";
import sheet from "uplot/dist/uPlot.min.css?inline";

export interface Size {
	readonly width: number;
	readonly height: number;
}

/** A chart that is drawn anew with each *S*. */
export interface Plot<S> {
	readonly show: (shown: S) => void;
	readonly resize: (size: Size) => void;
	/** Returns the point nearest to *left*, in pixels from the plot's own edge; `null`: there is none. */
	readonly nearest: (left: number) => number | null;
	readonly remove: () => void;
}

/** Style of every plot; a page's policy allows constructed sheets. */
const STYLE = unsafeCSS(sheet).styleSheet;

/**
 * Draws what *dataOf* makes of what is shown into *host*, within *root*.
 *
 * @throws Error when there is no canvas to be had.
 */
export function plotOn<S>(
	host: HTMLElement,
	root: ShadowRoot,
	first: S,
	dataOf: (shown: S) => UPlot.AlignedData,
	options: (shown: () => S) => UPlot.Options,
): Plot<S> {
	// uPlot would find out later, where nobody can catch it.
	if (document.createElement("canvas").getContext("2d") === null) {
		throw new Error("there is no canvas");
	}
	if (STYLE !== undefined && !root.adoptedStyleSheets.includes(STYLE)) {
		root.adoptedStyleSheets = [...root.adoptedStyleSheets, STYLE];
	}
	let shown = first;
	const drawn = new UPlot(
		options(() => shown),
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
			return drawn.data[0].length === 0 ? null : drawn.posToIdx(left - edge);
		},
		remove: () => drawn.destroy(),
	};
}

/** Times below a chart; *gap* pixels stay free for a band. */
export function timeAxis(
	look: () => { readonly ink: string; readonly font: string },
	time: (date: Date) => string,
	gap: number,
): UPlot.Axis {
	return {
		stroke: () => look().ink,
		font: look().font,
		ticks: { show: false },
		size: 32,
		gap,
		space: 76,
		incrs: [60, 120, 180, 300],
		grid: { show: false },
		values: (_, splits) => splits.map((seconds) => time(new Date(seconds * 1000))),
	};
}

/** Whole numbers beside a chart, with their lines. */
export function countAxis(
	look: () => { readonly ink: string; readonly font: string; readonly grid: string },
): UPlot.Axis {
	return {
		stroke: () => look().ink,
		font: look().font,
		ticks: { show: false },
		size: 36,
		gap: 6,
		space: 28,
		incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
		grid: { stroke: () => look().grid, width: 1 },
	};
}

/** Bars that stand for a share of their interval's width: apart by width, since not everybody tells colours apart. */
export function bars(share: number, ink: () => string): UPlot.Series {
	const paths = UPlot.paths.bars?.({ size: [share, 12 * share] });
	return { ...(paths === undefined ? {} : { paths }), fill: ink, width: 0, points: { show: false } };
}

/** The line through the point that is being read. */
export function mark(drawn: UPlot, chosen: number | null, ink: string): void {
	const seconds = chosen === null ? undefined : drawn.data[0][chosen];
	if (seconds === undefined) {
		return;
	}
	const { ctx, bbox } = drawn;
	const x = drawn.valToPos(seconds, "x", true);
	ctx.fillStyle = ink;
	ctx.fillRect(Math.round(x - devicePixelRatio / 2), bbox.top, devicePixelRatio, bbox.height);
}
