import { describe, expect, test } from "vitest";
import { type Carry, placeAt, type Step, scrollStep, steer } from "./carry.js";
import { chance } from "./testing.js";

const HELD = { widget: "a/orders", index: 1, count: 4 };

/** Presses *keys* one after the other; what means nothing is skipped. */
function press(...keys: readonly string[]): { readonly carry: Carry | null; readonly steps: readonly Step[] } {
	let carry: Carry | null = null;
	const steps: Step[] = [];
	for (const key of keys) {
		const step = steer(carry, key, HELD);
		if (step !== null) {
			steps.push(step);
			carry = step.isHeld ? step.carry : null;
		}
	}
	return { carry, steps };
}

describe("steer", () => {
	test.each([[" "], ["Enter"]])("picks up, moves and drops with %j", (key) => {
		const { carry, steps } = press(key, "ArrowDown", "ArrowRight", key);
		expect(carry).toBeNull();
		expect(steps.map((step) => step.outcome)).toEqual(["picked-up", "moved", "moved", "dropped"]);
		expect(steps.at(-1)?.carry).toEqual({ widget: "a/orders", from: 1, to: 3 });
	});

	test("goes to either end, and says when there is no further", () => {
		const { steps } = press(" ", "Home", "ArrowUp", "ArrowLeft", "End", "ArrowDown");
		expect(steps.map((step) => [step.outcome, step.carry.to])).toEqual([
			["picked-up", 1],
			["moved", 0],
			["at-start", 0],
			["at-start", 0],
			["moved", 3],
			["at-end", 3],
		]);
	});

	test("puts back where it was", () => {
		const last = press(" ", "End", "Escape").steps.at(-1);
		expect(last).toEqual({ outcome: "put-back", carry: { widget: "a/orders", from: 1, to: 1 }, isHeld: false });
	});

	test("leaves every other key alone, and arrows as long as nothing is held", () => {
		expect(press("ArrowDown", "Home", "End", "Escape", "Tab", "x").steps).toEqual([]);
		expect(press(" ", "Tab", "x", "PageDown").steps).toHaveLength(1);
	});

	test("stays on the board whatever is pressed", () => {
		const keys = [" ", "Enter", "Escape", "Home", "End", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Tab"];
		for (let seed = 1; seed <= 200; seed++) {
			const next = chance(seed);
			const pressed = Array.from({ length: 40 }, () => keys[Math.floor(next() * keys.length)] ?? " ");
			let isHeld = false;
			for (const step of press(...pressed).steps) {
				expect(step.carry.to).toBeGreaterThanOrEqual(0);
				expect(step.carry.to).toBeLessThan(HELD.count);
				expect(step.outcome === "picked-up").toBe(!isHeld);
				isHeld = step.isHeld;
			}
		}
	});
});

describe("placeAt", () => {
	const box = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });
	const BOXES = [box(0, 0, 600, 400), box(616, 0, 300, 400), box(0, 416, 300, 200), box(316, 416, 600, 200)];

	test("finds the box below the point, or the nearest", () => {
		expect(placeAt(BOXES, 10, 10)).toBe(0);
		expect(placeAt(BOXES, 700, 399)).toBe(1);
		expect(placeAt(BOXES, 310, 500)).toBe(3);
		expect(placeAt(BOXES, -500, 5000)).toBe(2);
		expect(placeAt(BOXES, 5000, -10)).toBe(1);
	});
});

test("scrolls near the edges, faster the nearer, and not between", () => {
	expect(scrollStep(400, 0, 800)).toBe(0);
	expect(scrollStep(0, 0, 800)).toBe(-18);
	expect(scrollStep(-50, 0, 800)).toBe(-18);
	expect(scrollStep(48, 0, 800)).toBe(-9);
	expect(scrollStep(752, 0, 800)).toBe(9);
	expect(scrollStep(900, 0, 800)).toBe(18);
});
