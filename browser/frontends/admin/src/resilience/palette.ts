/** The colours of a chart as they are now: a canvas knows neither tokens nor themes. */

import type { BreakerState } from "./states.js";

/** Inks by what they draw. */
export interface Palette {
	readonly passed: string;
	readonly failures: string;
	readonly rejected: string;
	readonly ink: string;
	readonly grid: string;
	readonly chosen: string;
	readonly states: Readonly<Record<BreakerState, string>>;
	/** Behind what went through while it was not closed; `null`: nothing is. */
	readonly shades: Readonly<Record<BreakerState, string | null>>;
	/** As a canvas takes it. */
	readonly font: string;
}

/** Custom properties that `<pipeline-chart>` sets, once for colours and once for forced colours. */
const INKS = {
	passed: "--chart-passed",
	failures: "--chart-failures",
	rejected: "--chart-rejected",
	ink: "--chart-ink",
	grid: "--chart-line",
	chosen: "--chart-chosen",
} as const;
const STATE_INKS = {
	open: "--chart-open",
	isolated: "--chart-isolated",
	"half-open": "--chart-half-open",
	disabled: "--chart-disabled",
	closed: "--chart-closed",
} as const satisfies Readonly<Record<BreakerState, string>>;

/** Reads the palette by giving *probe*, an element that nobody sees, one colour after the other. */
export function paletteOf(probe: HTMLElement): Palette {
	const style = getComputedStyle(probe);
	const ink = (property: string): string => {
		probe.style.color = `var(${property})`;
		return style.color;
	};
	const all = <Name extends string>(names: Readonly<Record<Name, string>>) =>
		Object.fromEntries(Object.entries<string>(names).map(([name, property]) => [name, ink(property)])) as Record<
			Name,
			string
		>;
	const shut = ink("--chart-shade-shut");
	const trying = ink("--chart-shade-trying");
	return {
		...all(INKS),
		states: all(STATE_INKS),
		shades: { open: shut, isolated: shut, "half-open": trying, disabled: null, closed: null },
		font: `${style.fontSize} ${style.fontFamily}`,
	};
}
