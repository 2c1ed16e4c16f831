/** What was asked of the cache in the last ten minutes, interval by interval. */

import { AnswerUnreadable, fieldsOf, timeOf } from "@mainhub/sdk";
import { numberOf } from "../resilience/numbers.js";

/** Values that were asked for: in this process, in level 2, older ones for want of newer, and not there. */
export interface Counts {
	readonly level1: number;
	readonly level2: number;
	readonly stale: number;
	readonly misses: number;
	/** How often level 2 was needed and did not answer; those who asked are among the others. */
	readonly errors: number;
}

/** What happened in the interval that ended at `at`. */
export interface Point extends Counts {
	readonly at: Date;
}

export interface History {
	/** Oldest first. */
	readonly points: readonly Point[];
	readonly everySeconds: number;
}

/** How much of it is drawn. */
export const SHOWN_SECONDS = 600;

export function parseHistory(points: readonly unknown[], everySeconds: number): History {
	if (everySeconds <= 0) {
		throw new AnswerUnreadable("every_seconds is not above 0");
	}
	return { points: points.map(parsePoint), everySeconds };
}

function parsePoint(value: unknown): Point {
	const fields = fieldsOf(value, "a point");
	return {
		at: timeOf(fields, "at"),
		level1: numberOf(fields, "l1_hits"),
		level2: numberOf(fields, "l2_hits"),
		stale: numberOf(fields, "stale"),
		misses: numberOf(fields, "misses"),
		errors: numberOf(fields, "errors"),
	};
}

/** Returns the sums over *points*. */
export function counted(points: readonly Counts[]): Counts {
	const sum = (name: keyof Counts) => points.reduce((all, point) => all + point[name], 0);
	return {
		level1: sum("level1"),
		level2: sum("level2"),
		stale: sum("stale"),
		misses: sum("misses"),
		errors: sum("errors"),
	};
}

export function asked({ level1, level2, stale, misses }: Counts): number {
	return level1 + level2 + stale + misses;
}

/** Returns the share of what was asked for that was there, older values included; `null` when nobody asked. */
export function hitRatio(counts: Counts): number | null {
	const all = asked(counts);
	return all === 0 ? null : (all - counts.misses) / all;
}

/** Returns *points* joined to intervals of *seconds*, oldest first. */
export function joined(points: readonly Point[], seconds: number): readonly Point[] {
	const all = new Map<number, Point[]>();
	for (const point of points) {
		const interval = Math.ceil(point.at.getTime() / (seconds * 1000));
		all.set(interval, [...(all.get(interval) ?? []), point]);
	}
	return [...all.entries()].map(([interval, of]) => ({ at: new Date(interval * seconds * 1000), ...counted(of) }));
}

/** Returns *points* minute by minute, named by the minute's begin, newest first. */
export function minutes(points: readonly Point[]): readonly Point[] {
	return joined(points, 60)
		.map((point) => ({ ...point, at: new Date(point.at.getTime() - 60_000) }))
		.reverse();
}
