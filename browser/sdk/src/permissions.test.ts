import { expect, test } from "vitest";
import { allows } from "./permissions.js";

test("holds what was granted, and what lies below a star", () => {
	expect(allows(["orders:write"], "orders:write")).toBe(true);
	expect(allows(["orders:*"], "orders:write")).toBe(true);
	expect(allows(["orders:*"], "orders:write:all")).toBe(true);
	expect(allows(["orders:*"], "orders")).toBe(false);
	expect(allows(["orders:*"], "ordersx:write")).toBe(false);
	expect(allows(["orders:read"], "orders:write")).toBe(false);
	expect(allows([], "orders:read")).toBe(false);
});
