import { AnswerUnreadable } from "@mainhub/sdk";
import { describe, expect, test } from "vitest";
import { parseEvents, parseSummaries } from "./happenings.js";
import { parseHealth } from "./health.js";
import { parseDashboard } from "./placement.js";
import { parseSessions } from "./sessions.js";

const T = "2026-11-22T14:32:00Z";

function session(ref: string, changes: Record<string, unknown> = {}) {
	const device = { user_agent: "x", label: "Chrome on Linux", address: "10.0.0.7" };
	return { ref, device, created_at: T, seen_at: T, expires_at: T, current: false, ...changes };
}

function check(name: string, changes: Record<string, unknown> = {}) {
	return { name, title: name, state: "fine", since: T, checked_at: T, ...changes };
}

describe("parseSessions", () => {
	test("puts this page's own first, then the last used", () => {
		const items = [
			session("old", { seen_at: "2026-11-20T00:00:00Z" }),
			session("recent"),
			session("never", { seen_at: null, created_at: "2026-11-19T00:00:00Z" }),
			session("mine", { current: true, seen_at: "2026-11-01T00:00:00Z" }),
		];
		const sessions = parseSessions({ items, truncated: true });
		expect(sessions.items.map((one) => one.ref)).toEqual(["mine", "recent", "old", "never"]);
		expect(sessions.isTruncated).toBe(true);
	});

	test("takes a browser that did not say what it is", () => {
		const [one] = parseSessions({ items: [session("a", { device: { label: null, address: "" } })] }).items;
		expect(one).toMatchObject({ device: null, address: null });
	});
});

describe("parseHealth", () => {
	test("puts the worst first, and takes a state that it does not know for unknown", () => {
		const checks = [
			check("a"),
			check("b", { state: "odd" }),
			check("c", { state: "degraded" }),
			check("d", { state: "failed" }),
		];
		const health = parseHealth({ status: "failed", checks });
		expect(health.checks.map((one) => [one.name, one.state])).toEqual([
			["d", "failed"],
			["c", "degraded"],
			["b", "unknown"],
			["a", "fine"],
		]);
	});

	test("reads a title in one language or in both, and what administrators see", () => {
		const title = { fr: "Base", en: "Database" };
		const told = parseHealth({ status: "fine", checks: [check("a", { title, detail: "slow", remedy: "Wait." })] });
		expect(told.checks[0]).toMatchObject({ titles: title, detail: "slow", remedy: "Wait." });
		expect(parseHealth({ status: "fine", checks: [check("a")] }).checks[0]).toMatchObject({
			titles: { fr: "a", en: "a" },
			detail: null,
		});
	});
});

test("reads the words of an operator for their own types", () => {
	const items = [{ type: "orders:changed", summary: "An order has changed." }, { type: "a:b" }];
	expect([...parseSummaries({ items })]).toEqual([
		["orders:changed", "An order has changed."],
		["a:b", ""],
	]);
});

test.each([
	[
		"sessions",
		parseSessions,
		[
			null,
			{},
			{ items: {} },
			{ items: [null] },
			{ items: [session("a", { created_at: "soon" })] },
			{ items: [{ ...session("a"), device: null }] },
		],
	],
	[
		"health",
		parseHealth,
		[
			"<html>",
			{ checks: null },
			{ checks: [{}] },
			{ checks: [check("a", { title: 7 })] },
			{ checks: [check("a", { since: "then" })] },
		],
	],
	[
		"events",
		parseEvents,
		[
			[],
			{ items: [{}] },
			{ items: [{ id: "1", type: "a:b", timestamp: T, source: "x", data: [] }] },
			{ items: [{ type: "a:b", timestamp: T, source: "x", by: "me" }] },
		],
	],
	["dashboard", parseDashboard, [undefined, { cards: 3 }, { cards: [{ widget: 1, size: "small" }] }]],
] as const)("refuses %s that it cannot read", (_name, parse, answers) => {
	for (const answer of answers) {
		expect(() => parse(answer)).toThrow(AnswerUnreadable);
	}
});
