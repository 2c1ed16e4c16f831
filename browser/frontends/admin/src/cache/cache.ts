/** The cache of the hub, checked where it enters. */

import { type Fields, fieldsOf, listOf, oneOf, optionalText, optionalTime, textOf } from "@mainhub/sdk";
import { numberOf, optionalNumber } from "../resilience/numbers.js";
import { type History, parseHistory } from "./history.js";

export const CACHE_PATH = "/hub/v1/cache";
export const INVALIDATED_EVENT = "cache:invalidated";
export const TOTALS = [
	"l1_hits",
	"l2_hits",
	"stale",
	"misses",
	"negative_hits",
	"unavailable",
	"fills",
	"coalesced",
	"not_kept",
	"factory_errors",
	"factory_timeouts",
	"evictions",
	"l2_errors",
	"overflows",
] as const;
export type Total = (typeof TOTALS)[number];

/** What can be taken back. */
export const SCOPES = ["key", "pattern", "tag", "all"] as const;
export type Scope = (typeof SCOPES)[number];

export interface Wanted {
	readonly what: Scope;
	/** Empty for all. */
	readonly name: string;
}

/** How level 2 is: `none` there is; `away`: it does not answer; `unlinked`: it may, but tells of no changes. */
export const STANDINGS = ["none", "shared", "unlinked", "away"] as const;
export type Standing = (typeof STANDINGS)[number];

export interface Level2 {
	readonly standing: Standing;
	readonly kind: string | null;
	readonly address: string | null;
	readonly coherence: string;
	readonly cause: string | null;
	readonly breaker: string | null;
	/** About how many its server has, `null` when it does not say. */
	readonly keys: number | null;
	/** What it has yet to be told. */
	readonly pending: number;
}

export interface Level1 {
	readonly entries: number;
	readonly bytes: number;
	readonly maxEntries: number;
	readonly maxBytes: number;
	readonly evictions: number;
}

export interface HotKey {
	readonly key: string;
	readonly hits: number;
	readonly bytes: number;
	readonly tags: readonly string[];
	/** Seconds; below zero since its time was over. */
	readonly expiresIn: number;
}

export interface HotTag {
	readonly tag: string;
	readonly hits: number;
}

export interface CacheState {
	readonly history: History;
	readonly level1: Level1;
	readonly level2: Level2;
	readonly totals: Readonly<Record<Total, number>>;
	/** Bytes in level 2 that were no value, by reason. */
	readonly refused: readonly (readonly [string, number])[];
	readonly hotKeys: readonly HotKey[];
	readonly hotTags: readonly HotTag[];
	readonly at: Date | null;
}

export const OUTCOMES = ["hit", "miss", "stale", "unavailable"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What is under one key. */
export interface Found {
	readonly key: string;
	readonly isFound: boolean;
	readonly outcome: Outcome;
	readonly level: number | null;
	readonly size: number | null;
	readonly age: number | null;
	readonly expiresIn: number | null;
	readonly tags: readonly string[];
	readonly isBytes: boolean;
	readonly preview: string | null;
}

/** How many keys would go. */
export interface Concerned {
	readonly level1: number;
	readonly level2: number | null;
}

/** What went: `null` when nobody counted. */
export interface Invalidated {
	readonly count: number | null;
	readonly pending: number;
}

export function parseCache(answer: unknown): CacheState {
	const fields = fieldsOf(answer, "the answer");
	const totals = fieldsOf(fields["totals"], "totals");
	const level1 = fieldsOf(fields["level1"], "level1");
	return {
		history: parseHistory(listOf(fields, "history"), numberOf(fields, "every_seconds")),
		level1: {
			entries: numberOf(level1, "entries"),
			bytes: numberOf(level1, "bytes"),
			maxEntries: numberOf(level1, "max_entries"),
			maxBytes: numberOf(level1, "max_bytes"),
			evictions: numberOf(level1, "evictions"),
		},
		level2: parseLevel2(fieldsOf(fields["level2"], "level2")),
		totals: Object.fromEntries(TOTALS.map((name) => [name, numberOf(totals, name)])) as Record<Total, number>,
		refused: Object.entries(fieldsOf(totals["refused"], "refused")).flatMap(([reason, count]) =>
			typeof count === "number" && count > 0 ? [[reason, count] as const] : [],
		),
		hotKeys: listOf(fields, "hot_keys").map(parseHotKey),
		hotTags: listOf(fields, "hot_tags").map(parseHotTag),
		at: optionalTime(fields, "at"),
	};
}

function parseLevel2(fields: Fields): Level2 {
	const kind = optionalText(fields, "kind");
	const breaker = optionalText(fields, "breaker");
	return {
		standing: standingOf(kind, fields["linked"] === true, breaker, fields["keys"] !== null),
		kind,
		address: optionalText(fields, "address"),
		coherence: textOf(fields, "coherence"),
		cause: optionalText(fields, "cause"),
		breaker,
		keys: optionalNumber(fields, "keys"),
		pending: numberOf(fields, "pending"),
	};
}

function standingOf(kind: string | null, isLinked: boolean, breaker: string | null, answers: boolean): Standing {
	if (kind === null) {
		return "none";
	}
	if (breaker === "open" || breaker === "half-open" || breaker === "isolated" || !(isLinked || answers)) {
		return "away";
	}
	return isLinked ? "shared" : "unlinked";
}

function parseHotKey(item: unknown): HotKey {
	const fields = fieldsOf(item, "a hot key");
	return {
		key: textOf(fields, "key"),
		hits: numberOf(fields, "hits"),
		bytes: numberOf(fields, "bytes"),
		tags: texts(fields, "tags"),
		expiresIn: numberOf(fields, "expires_in"),
	};
}

function parseHotTag(item: unknown): HotTag {
	const fields = fieldsOf(item, "a hot tag");
	return { tag: textOf(fields, "tag"), hits: numberOf(fields, "hits") };
}

export function parseFound(answer: unknown): Found {
	const fields = fieldsOf(answer, "the answer");
	return {
		key: textOf(fields, "key"),
		isFound: fields["found"] === true,
		outcome: oneOf(fields, "outcome", OUTCOMES, "miss"),
		level: optionalNumber(fields, "level"),
		size: optionalNumber(fields, "size"),
		age: optionalNumber(fields, "age"),
		expiresIn: optionalNumber(fields, "expires_in"),
		tags: texts(fields, "tags"),
		isBytes: fields["kind"] === "bytes",
		preview: typeof fields["preview"] === "string" ? fields["preview"] : null,
	};
}

export function parseConcerned(answer: unknown): Concerned {
	const fields = fieldsOf(answer, "the answer");
	return { level1: numberOf(fields, "level1"), level2: optionalNumber(fields, "level2") };
}

export function parseInvalidated(answer: unknown): Invalidated {
	const fields = fieldsOf(answer, "the answer");
	return { count: optionalNumber(fields, "count"), pending: numberOf(fields, "pending") };
}

function texts(fields: Fields, name: string): readonly string[] {
	return listOf(fields, name).filter((item) => typeof item === "string");
}

export function entryPath(key: string): string {
	return `${CACHE_PATH}/entry?key=${encodeURIComponent(key)}`;
}

export function concernedPath({ what, name }: Wanted): string {
	return `${CACHE_PATH}/concerned?${what}=${what === "all" ? "true" : encodeURIComponent(name)}`;
}

/** Returns what is sent to take *wanted* back. */
export function bodyOf({ what, name }: Wanted): Readonly<Record<string, unknown>> {
	return what === "all" ? { all: true } : { [what]: name };
}
