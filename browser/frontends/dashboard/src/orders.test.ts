import { expect, test } from "vitest";
import { OrdersUnreadable, parseOrders } from "./orders.js";

const ITEM = { id: "1", article: { fr: "Vanne", en: "Valve" }, status: "delivered", delivery: "2026-11-24" };
const ANSWER = { items: [ITEM], counts: { open: 1, to_approve: 0, late: 0 }, as_of: "2026-11-22T14:32:00Z" };

test("puts the worst orders first", () => {
	const statuses = ["delivered", "in_progress", "late", "shipped", "to_approve"];
	const items = statuses.map((status) => ({ ...ITEM, status }));
	const orders = parseOrders({ ...ANSWER, items });
	expect(orders.items.map((order) => order.status)).toEqual([
		"late",
		"to_approve",
		"in_progress",
		"shipped",
		"delivered",
	]);
	expect(orders.asOf.toISOString()).toBe("2026-11-22T14:32:00.000Z");
});

test.each([
	[null],
	[{ ...ANSWER, items: {} }],
	[{ ...ANSWER, as_of: "now" }],
	[{ ...ANSWER, counts: { open: "1" } }],
	[{ ...ANSWER, items: [{ ...ITEM, status: "lost" }] }],
	[{ ...ANSWER, items: [{ ...ITEM, article: "Valve" }] }],
])("refuses what it cannot read: %j", (answer) => {
	expect(() => parseOrders(answer)).toThrow(OrdersUnreadable);
});
