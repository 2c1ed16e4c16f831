/** What went through a pipeline in the last ten minutes, interval by interval. */

import { AnswerUnreadable, type Fields, fieldsOf, timeOf } from "@mainhub/sdk";
import { numberOf } from "./numbers.js";
import { type BreakerState, knownState } from "./states.js";

/** What happened in the interval that ended at `at`, and how it stood then. */
export interface Point {
	readonly at: Date;
	/** Begun, those that were turned away included. */
	readonly calls: number;
	readonly failures: number;
	readonly rejected: number;
	/** `null`: there is no breaker. */
	readonly state: BreakerState | null;
}

export interface History {
	/** Oldest first. */
	readonly points: readonly Point[];
	readonly everySeconds: number;
}

/** One minute of it, as it is read aloud. */
export interface Minute {
	readonly at: Date;
	readonly calls: number;
	readonly failures: number;
	readonly rejected: number;
	/** Those it was in at the ends of the intervals, each once, in their order. */
	readonly states: readonly BreakerState[];
}

/** How much of it is drawn. */
export const SHOWN_SECONDS = 600;

export function parseHistory(points: readonly unknown[], everySeconds: number): History {
	if (everySeconds <= 0) {
		throw new AnswerUnreadable("every_seconds is not above 0");
	}
	return { points: points.map((point) => parsePoint(fieldsOf(point, "a point"))), everySeconds };
}

function parsePoint(fields: Fields): Point {
	const state = fields["state"];
	return {
		at: timeOf(fields, "at"),
		calls: numberOf(fields, "calls"),
		failures: numberOf(fields, "failures"),
		rejected: numberOf(fields, "rejected"),
		state: typeof state === "string" ? knownState(state) : null,
	};
}

/** Returns *points* minute by minute, newest first. */
export function minutes(points: readonly Point[]): readonly Minute[] {
	const all = new Map<number, Point[]>();
	for (const point of points) {
		// One that ended with the minute belongs to it.
		const minute = Math.floor((point.at.getTime() - 1) / 60_000);
		all.set(minute, [...(all.get(minute) ?? []), point]);
	}
	return [...all.entries()]
		.map(([minute, of]) => ({
			at: new Date(minute * 60_000),
			...counted(of),
			states: [...new Set(of.map(({ state }) => state).filter((state) => state !== null))],
		}))
		.reverse();
}

/** Returns the sums over *points*. */
export function counted(points: readonly Point[]): Pick<Point, "calls" | "failures" | "rejected"> {
	const sum = (name: "calls" | "failures" | "rejected") => points.reduce((all, point) => all + point[name], 0);
	return { calls: sum("calls"), failures: sum("failures"), rejected: sum("rejected") };
}

/** A stretch of time, in seconds since 1970, in which a breaker was in one state. */
export interface Stretch {
	readonly state: BreakerState;
	readonly from: number;
	readonly to: number;
}

/** Returns the stretches of one state each, oldest first; those without a breaker are left out. */
export function stretches({ points, everySeconds }: History): readonly Stretch[] {
	const found: Stretch[] = [];
	for (const { at, state } of points) {
		const to = at.getTime() / 1000;
		const last = found.at(-1);
		// A little more than one interval: the hub's own beat is not exact.
		const follows = last !== undefined && to - last.to <= everySeconds * 1.5;
		if (state === null) {
			continue;
		}
		if (follows && last.state === state) {
			found[found.length - 1] = { ...last, to };
		} else {
			found.push({ state, from: follows ? last.to : to - everySeconds, to });
		}
	}
	return found;
}

/** Returns *points* joined to intervals of *seconds*, as they are drawn where there is little room. */
export function joined(points: readonly Point[], seconds: number): readonly Point[] {
	const all = new Map<number, Point[]>();
	for (const point of points) {
		const interval = Math.ceil(point.at.getTime() / (seconds * 1000));
		all.set(interval, [...(all.get(interval) ?? []), point]);
	}
	return [...all.entries()].map(([interval, of]) => ({
		at: new Date(interval * seconds * 1000),
		...counted(of),
		state: of.at(-1)?.state ?? null,
	}));
}
