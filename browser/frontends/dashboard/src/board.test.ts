import { describe, expect, test } from "vitest";
import {
	type Cards,
	COLUMNS,
	DashboardUnreadable,
	indexOf,
	move,
	parseDashboard,
	remove,
	resize,
	SIZES,
	sameCards,
	spans,
} from "./board.js";
import { chance } from "./testing.js";

const names = (cards: Cards) => cards.map((card) => card.widget);
const board = (...sizes: readonly number[]): Cards =>
	sizes.map((size, at) => ({ widget: `a/w${at}`, size: SIZES[size] ?? "full" }));

/** Calls *check* with many boards, the same ones each time. */
function always(check: (cards: Cards, pick: (below: number) => number) => void): void {
	for (let seed = 1; seed <= 300; seed++) {
		const next = chance(seed);
		const pick = (below: number) => Math.floor(next() * below);
		check(board(...Array.from({ length: 1 + pick(24) }, () => pick(4))), pick);
	}
}

describe("move", () => {
	test("puts a card at a place, and the nearest when there is none", () => {
		const cards = board(0, 0, 0);
		expect(names(move(cards, "a/w0", 2))).toEqual(["a/w1", "a/w2", "a/w0"]);
		expect(names(move(cards, "a/w2", -7))).toEqual(["a/w2", "a/w0", "a/w1"]);
		expect(names(move(cards, "a/w0", 99))).toEqual(["a/w1", "a/w2", "a/w0"]);
		expect(move(cards, "a/absent", 0)).toBe(cards);
	});

	test("loses and doubles none, keeps the others' order, and can be taken back", () => {
		always((cards, pick) => {
			const from = pick(cards.length);
			const to = pick(cards.length);
			const widget = cards[from]?.widget ?? "";
			const moved = move(cards, widget, to);
			expect(indexOf(moved, widget)).toBe(to);
			expect(names(remove(moved, widget))).toEqual(names(remove(cards, widget)));
			expect(move(moved, widget, from)).toEqual(cards);
		});
	});
});

test("resizing and removing touch one card only", () => {
	always((cards, pick) => {
		const at = pick(cards.length);
		const widget = cards[at]?.widget ?? "";
		const size = SIZES[pick(4)] ?? "full";
		const resized = resize(cards, widget, size);
		expect(names(resized)).toEqual(names(cards));
		expect(resized[at]?.size).toBe(size);
		expect(remove(resized, widget)).toEqual(remove(cards, widget));
		expect(sameCards(resized, cards)).toBe(cards[at]?.size === size);
	});
});

describe("spans", () => {
	test("gives what no card could fill to the last of the row", () => {
		expect(spans(board(2, 0, 0, 1))).toEqual([8, 4, 4, 8]);
		expect(spans(board(1, 0))).toEqual([6, 6]);
		expect(spans(board(0, 2, 3, 1))).toEqual([4, 8, 12, 6]);
	});

	test("never overfills a row, and leaves no gap that is too small for a card", () => {
		always((cards) => {
			let used = 0;
			for (const span of spans(cards)) {
				const left = COLUMNS - used;
				used = span > left ? span : used + span;
				expect(used).toBeLessThanOrEqual(COLUMNS);
				expect(left === 0 || left >= 4).toBe(true);
			}
		});
	});
});

describe("parseDashboard", () => {
	test("reads the hub's answer, one card for a widget", () => {
		const card = { widget: "dashboard/orders", size: "large" };
		const answer = { generation: 3, cards: [card, { widget: "widgets/x", size: "full" }, { ...card, size: "small" }] };
		expect(parseDashboard(answer)).toEqual({ generation: 3, cards: answer.cards.slice(0, 2) });
	});

	test.each([
		[null],
		["<html>"],
		[{ cards: [] }],
		[{ generation: -1, cards: [] }],
		[{ generation: 1.5, cards: [] }],
		[{ generation: 0, cards: {} }],
		[{ generation: 0, cards: [null] }],
		[{ generation: 0, cards: [{ widget: 7, size: "small" }] }],
		[{ generation: 0, cards: [{ widget: "a/b", size: "huge" }] }],
		[{ generation: 0, cards: [{ widget: "a/b", size: "toString" }] }],
	])("refuses what it cannot read: %j", (answer) => {
		expect(() => parseDashboard(answer)).toThrow(DashboardUnreadable);
	});
});
