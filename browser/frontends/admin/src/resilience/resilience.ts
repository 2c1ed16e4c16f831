/** The pipelines through which the hub calls others, checked where they enter. */

import { type Fields, fieldsOf, listOf, oneOf, optionalText, optionalTime, textOf, timeOf } from "@mainhub/sdk";
import { type History, parseHistory } from "./history.js";
import { numberOf, optionalNumber } from "./numbers.js";
import { BREAKER_STATES, type BreakerState, knownState } from "./states.js";

export const PIPELINE_KINDS = ["service", "identity", "database", "sessions", "redis", "other"] as const;
export type PipelineKind = (typeof PIPELINE_KINDS)[number];
export const TOTALS = ["calls", "ok", "failed", "neutral", "retries", "timeouts", "hedges", "fallbacks"] as const;
export type Total = (typeof TOTALS)[number];
export const DEEDS = ["isolate", "close", "disable"] as const;
export type Deed = (typeof DEEDS)[number];

/** What each deed makes of a breaker. */
export const DEED_ENDS: Readonly<Record<Deed, BreakerState>> = {
	isolate: "isolated",
	close: "closed",
	disable: "disabled",
};

/** What was counted in the sliding window, failures and slow answers among the calls. */
export interface Counts {
	readonly seconds: number;
	readonly calls: number;
	readonly failures: number;
	readonly slow: number;
	readonly consecutive: number;
}

/** `null`: this alone never opens it. Rates are shares of one. */
export interface Thresholds {
	readonly consecutive: number | null;
	readonly failureRate: number | null;
	readonly minCalls: number;
	readonly slowRate: number | null;
	readonly slowAfterSeconds: number | null;
	readonly openForSeconds: number;
	/** The longest that it stays open, `null` when the hub does not say. */
	readonly openMaxSeconds: number | null;
	readonly probes: number;
	readonly closeAfter: number;
}

export interface Change {
	readonly at: Date;
	readonly before: string;
	readonly after: string;
	readonly cause: string;
	readonly by: string | null;
}

export interface PipelineItem {
	readonly name: string;
	readonly title: string;
	readonly kind: PipelineKind;
	/** `null`: it has no breaker. */
	readonly state: BreakerState | null;
	readonly since: Date | null;
	readonly cause: string | null;
	readonly changedBy: string | null;
	readonly nextProbeAt: Date | null;
	/** Whom it calls asked for quiet until then. */
	readonly pausedUntil: Date | null;
	readonly window: Counts | null;
	readonly thresholds: Thresholds | null;
	readonly totals: Readonly<Record<Total, number>>;
	/** By reason, those that never happened left out. */
	readonly rejected: readonly (readonly [string, number])[];
	readonly inFlight: number;
	readonly queued: number;
	readonly bulkhead: { readonly limit: number; readonly queue: number } | null;
	readonly history: History;
	/** Newest first. */
	readonly changes: readonly Change[];
}

export interface Resilience {
	readonly items: readonly PipelineItem[];
	/** What this browser's clock is ahead of the hub's. */
	readonly aheadMs: number;
}

export const RESILIENCE_PATH = "/hub/v1/resilience";
export const CHANGED_EVENT = "resilience:changed";

/** Less than this between two clocks is the way of the answer, not a clock that is wrong. */
const SAME_CLOCK_MS = 2000;

/** Returns what the hub answered at *now*, worst first. */
export function parseResilience(answer: unknown, now: Date): Resilience {
	const fields = fieldsOf(answer, "the answer");
	const everySeconds = numberOf(fields, "every_seconds");
	const items = listOf(fields, "items").map((item) => parsePipeline(item, everySeconds));
	const at = optionalTime(fields, "at");
	const ahead = at === null ? 0 : now.getTime() - at.getTime();
	return { items: worstFirst(items), aheadMs: Math.abs(ahead) < SAME_CLOCK_MS ? 0 : ahead };
}

export function parsePipeline(value: unknown, everySeconds: number): PipelineItem {
	const fields = fieldsOf(value, "a pipeline");
	const totals = fieldsOf(fields["totals"], "totals");
	return {
		name: textOf(fields, "name"),
		title: textOf(fields, "title"),
		kind: oneOf(fields, "kind", PIPELINE_KINDS, "other"),
		state: fields["state"] === null ? null : knownState(textOf(fields, "state")),
		since: optionalTime(fields, "since"),
		cause: optionalText(fields, "cause"),
		changedBy: optionalText(fields, "changed_by"),
		nextProbeAt: optionalTime(fields, "next_probe_at"),
		pausedUntil: optionalTime(fields, "paused_until"),
		window: optional(fields, "window", parseCounts),
		thresholds: optional(fields, "thresholds", parseThresholds),
		totals: Object.fromEntries(TOTALS.map((name) => [name, numberOf(totals, name)])) as Record<Total, number>,
		rejected: parseRejected(fields["rejected"]),
		inFlight: numberOf(fields, "in_flight"),
		queued: numberOf(fields, "queued"),
		bulkhead: optional(fields, "bulkhead", (bulkhead) => ({
			limit: numberOf(bulkhead, "limit"),
			queue: numberOf(bulkhead, "queue"),
		})),
		history: parseHistory(listOf(fields, "history"), everySeconds),
		changes: listOf(fields, "transitions").map(parseChange),
	};
}

function parseCounts(fields: Fields): Counts {
	return {
		seconds: numberOf(fields, "seconds"),
		calls: numberOf(fields, "calls"),
		failures: numberOf(fields, "failures"),
		slow: numberOf(fields, "slow"),
		consecutive: numberOf(fields, "consecutive"),
	};
}

function parseThresholds(fields: Fields): Thresholds {
	return {
		consecutive: optionalNumber(fields, "consecutive"),
		failureRate: optionalNumber(fields, "failure_rate"),
		minCalls: numberOf(fields, "min_calls"),
		slowRate: optionalNumber(fields, "slow_rate"),
		slowAfterSeconds: optionalNumber(fields, "slow_after_seconds"),
		openForSeconds: numberOf(fields, "open_for_seconds"),
		openMaxSeconds: optionalNumber(fields, "open_max_seconds"),
		probes: numberOf(fields, "probes"),
		closeAfter: numberOf(fields, "close_after"),
	};
}

function parseRejected(value: unknown): readonly (readonly [string, number])[] {
	const reasons = fieldsOf(value, "rejected");
	return Object.keys(reasons)
		.map((reason) => [reason, numberOf(reasons, reason)] as const)
		.filter(([, count]) => count > 0);
}

function parseChange(value: unknown): Change {
	const fields = fieldsOf(value, "a transition");
	return {
		at: timeOf(fields, "at"),
		before: textOf(fields, "before"),
		after: textOf(fields, "after"),
		cause: textOf(fields, "cause"),
		by: optionalText(fields, "by"),
	};
}

function optional<T>(fields: Fields, name: string, parse: (fields: Fields) => T): T | null {
	const value = fields[name];
	return value === null || value === undefined ? null : parse(fieldsOf(value, name));
}

/** Whether calls are kept from going through, now. */
export function isShut({ state }: PipelineItem): boolean {
	return state === "open" || state === "isolated";
}

/** Worst first: what lets nothing through, what tries, what waits, what nobody guards, then the others by title. */
export function worstFirst(items: readonly PipelineItem[]): readonly PipelineItem[] {
	const rank = ({ state, pausedUntil }: PipelineItem) => {
		if (state === null || state === "closed") {
			return pausedUntil === null ? (state === null ? 5 : 4) : 2.5;
		}
		return BREAKER_STATES.indexOf(state);
	};
	return [...items].sort((one, other) => rank(one) - rank(other) || one.title.localeCompare(other.title));
}

/** Returns the whole seconds until *at*, 0 when it has come, by the hub's clock. */
export function secondsUntil(at: Date, now: Date, aheadMs: number): number {
	return Math.max(0, Math.ceil((at.getTime() - (now.getTime() - aheadMs)) / 1000));
}

/** Returns how many calls of *item* were turned away; a retry that was not made is none of them. */
export function rejections({ rejected }: PipelineItem): number {
	return rejected.reduce((sum, [reason, count]) => sum + (reason === "budget_exhausted" ? 0 : count), 0);
}
