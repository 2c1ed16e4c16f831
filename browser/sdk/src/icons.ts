/** Drawings as path data: one stroke weight, no colour of their own. */

/** 20 by 20, stroked. */
export const ICONS = {
	home: "M3.5 9 10 3.5 16.5 9v6.8a.7.7 0 0 1-.7.7h-3.3v-4.5h-5v4.5H4.2a.7.7 0 0 1-.7-.7z",
	apps: "M4.7 3.5h2.6a1.2 1.2 0 0 1 1.2 1.2v2.6a1.2 1.2 0 0 1-1.2 1.2H4.7a1.2 1.2 0 0 1-1.2-1.2V4.7a1.2 1.2 0 0 1 1.2-1.2zM12.7 3.5h2.6a1.2 1.2 0 0 1 1.2 1.2v2.6a1.2 1.2 0 0 1-1.2 1.2h-2.6a1.2 1.2 0 0 1-1.2-1.2V4.7a1.2 1.2 0 0 1 1.2-1.2zM4.7 11.5h2.6a1.2 1.2 0 0 1 1.2 1.2v2.6a1.2 1.2 0 0 1-1.2 1.2H4.7a1.2 1.2 0 0 1-1.2-1.2v-2.6a1.2 1.2 0 0 1 1.2-1.2zM11.4 14a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0z",
	box: "M3.5 6.3 10 3l6.5 3.3v7.4L10 17l-6.5-3.3zM3.5 6.3 10 9.6l6.5-3.3M10 9.6V17M6.7 4.7l6.5 3.3",
	calendar:
		"M5.1 4.5h9.8a1.6 1.6 0 0 1 1.6 1.6v8.8a1.6 1.6 0 0 1-1.6 1.6H5.1a1.6 1.6 0 0 1-1.6-1.6V6.1A1.6 1.6 0 0 1 5.1 4.5zM3.5 8.5h13M7 3v3M13 3v3",
	chart: "M3.5 16.5h13M6 13.5v-4M10 13.5v-8M14 13.5v-6",
	chat: "M3.5 5.2c0-.9.8-1.7 1.7-1.7h9.6c.9 0 1.7.8 1.7 1.7v6.3c0 .9-.8 1.7-1.7 1.7H9.3L5.6 16.4v-3.2h-.4c-.9 0-1.7-.8-1.7-1.7zM7 7.2h6M7 9.8h3.6",
	check: "m4.5 10.5 3.6 3.6 7.4-8",
	clock: "M3.5 10a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0zM10 6.3V10l2.6 1.8",
	copy: "M8.6 7h6.3a1.6 1.6 0 0 1 1.6 1.6v6.3a1.6 1.6 0 0 1-1.6 1.6H8.6A1.6 1.6 0 0 1 7 14.9V8.6A1.6 1.6 0 0 1 8.6 7zM4.5 12.8c-.6-.2-1-.7-1-1.3V5.1c0-.9.7-1.6 1.6-1.6h6.4c.6 0 1.1.4 1.3 1",
	cross: "m5 5 10 10M15 5 5 15",
	database:
		"M4 5.3C4 4 6.7 3 10 3s6 1 6 2.3-2.7 2.3-6 2.3-6-1-6-2.3zM4 5.3v9.4C4 16 6.7 17 10 17s6-1 6-2.3V5.3M4 10c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3",
	document:
		"M5 4.6c0-.9.7-1.6 1.6-1.6h5L15.5 7v8.4c0 .9-.7 1.6-1.6 1.6H6.6c-.9 0-1.6-.7-1.6-1.6zM11.3 3.2v4.1h4M7.7 10.5h4.8M7.7 13.4h3.2",
	down: "m5 8 5 5 5-5",
	gauge: "M4.6 15.3a7 7 0 1 1 10.8 0M10.7 10.5l2.3-2.7M9 11.3a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
	globe:
		"M3.3 10a6.7 6.7 0 1 0 13.4 0a6.7 6.7 0 1 0-13.4 0zM3.3 10h13.4M10 3.3c2 2 2.8 4.2 2.8 6.7S12 14.7 10 16.7C8 14.7 7.2 12.5 7.2 10S8 5.3 10 3.3z",
	layers: "m10 3.3 7 3.6-7 3.6-7-3.6zM3 10.2l7 3.6 7-3.6M3 13.4l7 3.6 7-3.6",
	lock: "M6.1 9h7.8a1.6 1.6 0 0 1 1.6 1.6v4.3a1.6 1.6 0 0 1-1.6 1.6H6.1a1.6 1.6 0 0 1-1.6-1.6v-4.3A1.6 1.6 0 0 1 6.1 9zM7 9V6.6a3 3 0 0 1 6 0V9M10 12v1.6",
	megaphone: "M3.5 8.2v3.6h2.7l7.3 3.4V4.8L6.2 8.2zM16.2 8.3v3.4M6.6 12l.9 4h2.2l-.8-3",
	monitor:
		"M4.6 4h10.8a1.1 1.1 0 0 1 1.1 1.1v7.3a1.1 1.1 0 0 1-1.1 1.1H4.6a1.1 1.1 0 0 1-1.1-1.1V5.1A1.1 1.1 0 0 1 4.6 4zM10 13.5v3M7 16.5h6",
	moon: "M15.9 12.3A6.5 6.5 0 0 1 7.7 4.1a6.5 6.5 0 1 0 8.2 8.2z",
	out: "M11.8 3.5h3.1a1.6 1.6 0 0 1 1.6 1.6v9.8a1.6 1.6 0 0 1-1.6 1.6h-3.1M12 10H3.5M6.3 7 3.3 10l3 3",
	person: "M6.8 7a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0zM3.8 16.5c.4-3.2 2.7-4.9 6.2-4.9s5.8 1.7 6.2 4.9",
	plug: "M6.5 3v3.5M13.5 3v3.5M4.8 6.5h10.4v2.8a5.2 5.2 0 0 1-10.4 0zM10 14.5V17",
	pulse: "M2.8 10h3l2-5 3.6 10.4 2.3-5.4h3.5",
	redo: "M16 10a6 6 0 1 1-1.9-4.4l2.2 1.9M16.5 3.8v3.9h-3.9",
	right: "m8 5 5 5-5 5",
	route:
		"M3 10a1.7 1.7 0 1 0 3.4 0a1.7 1.7 0 1 0-3.4 0zM13.6 5A1.7 1.7 0 1 0 17 5a1.7 1.7 0 1 0-3.4 0zM13.6 15a1.7 1.7 0 1 0 3.4 0a1.7 1.7 0 1 0-3.4 0zM6.4 10h2.1c2 0 2-5 4-5h1.1M8.5 10c2 0 2 5 4 5h1.1",
	shield: "M10 3 4 5.2v4.5c0 3.8 2.5 6.2 6 7.5 3.5-1.3 6-3.7 6-7.5V5.2zM7.5 9.9l1.8 1.8 3.3-3.5",
	sliders:
		"M3.5 6h7.2M14.3 6h2.2M3.5 14h2.2M9.3 14h7.2M10.7 6a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0zM5.7 14a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0z",
	sun: "M6.8 10a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0zM10 3v1.6M10 15.4V17M3 10h1.6M15.4 10H17M5.1 5.1l1.1 1.1M13.8 13.8l1.1 1.1M14.9 5.1l-1.1 1.1M6.2 13.8l-1.1 1.1",
	truck:
		"M2.8 5.3h8.7v8.2H2.8zM11.5 8h3l2.7 2.8v2.7h-5.7M4.4 14.8a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0zM12.2 14.8a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0z",
	users:
		"M4.7 7a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0-5.6 0zM2.8 16c.2-3 2-4.6 4.7-4.6s4.5 1.6 4.7 4.6M12.6 4.5a2.6 2.6 0 0 1 0 5M14 11.7c1.9.5 3 2 3.2 4.3",
	wrench: "M16.3 6.2a4 4 0 0 1-5.3 4.9l-5.2 5.3a1.6 1.6 0 0 1-2.3-2.3l5.3-5.2a4 4 0 0 1 4.9-5.3l-2.3 2.3.5 1.9 1.9.5z",
} as const satisfies Readonly<Record<string, string>>;

export type IconName = keyof typeof ICONS;

/** Returns the drawing called *name*, that of `apps` when there is none: a registry may name any. */
export function iconPath(name: string): string {
	return Object.hasOwn(ICONS, name) ? ICONS[name as IconName] : ICONS.apps;
}

export type RingState = "fine" | "stale" | "failed" | "degraded" | "loading" | "none" | "refused";

/** 16 by 16: `line` is stroked, `area` filled, `dashes` is the stroked one that is dashed. */
export interface RingDrawing {
	readonly line: string;
	readonly area?: string;
	readonly dashes?: string;
}

const CIRCLE = "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z";

/** The mark of truth: its shape says the state, its colour repeats it. */
export const RINGS: Readonly<Record<RingState, RingDrawing>> = {
	fine: { line: CIRCLE, area: "M5.7 8a2.3 2.3 0 1 0 4.6 0a2.3 2.3 0 1 0-4.6 0z" },
	stale: { line: "M8 5.4V8l1.7 1.2", dashes: CIRCLE },
	failed: {
		line: "M11.2 3.53A5.5 5.5 0 1 0 13.2 6.2M6.1 6.1l3.8 3.8M9.9 6.1 6.1 9.9",
	},
	degraded: { line: CIRCLE, area: "M8 4.5a3.5 3.5 0 0 0 0 7z" },
	loading: { line: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5" },
	none: { line: CIRCLE },
	refused: { line: `${CIRCLE}M5.4 8h5.2` },
};
