import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Drag } from "./drag.js";

const CARD = { width: 100, height: 50 };

/** Three cards below each other, the grid 10 px from the top of the window. */
function ground() {
	const grid = document.createElement("div");
	const cards = [0, 1, 2].map(() => document.createElement("article"));
	const handle = document.createElement("button");
	cards[0]?.append(handle);
	grid.append(...cards);
	document.body.append(grid);
	const box = (top: number) => ({ ...CARD, left: 0, top }) as DOMRect;
	grid.getBoundingClientRect = () => box(10);
	cards.forEach((card, at) => {
		card.getBoundingClientRect = () => box(10 + at * 60);
	});
	const told = { lifted: vi.fn(), over: vi.fn(), done: vi.fn() };
	const point = (type: string, clientY: number, pointerId = 1) =>
		Object.assign(new MouseEvent(type, { clientX: 50, clientY, bubbles: true }), {
			pointerId,
		}) as unknown as PointerEvent;
	const [card = grid] = cards;
	const drag = new Drag(point("pointerdown", 20), handle, { grid, cards, card, ...told });
	return {
		...told,
		card,
		drag,
		send: (type: string, y: number, id?: number) => handle.dispatchEvent(point(type, y, id)),
	};
}

beforeEach(() => {
	vi.stubGlobal("requestAnimationFrame", () => 1);
	vi.stubGlobal("cancelAnimationFrame", () => {});
});
afterEach(() => {
	document.body.replaceChildren();
	vi.unstubAllGlobals();
});

test("takes the card along, and tells where it would land, each place once", () => {
	const { send, card, lifted, over, done } = ground();
	send("pointermove", 30);
	expect(lifted).toHaveBeenCalledOnce();
	expect(card.style.transform).toBe("translate(0px, 10px)");
	send("pointermove", 90);
	send("pointermove", 95);
	send("pointermove", 150);
	expect(over.mock.calls).toEqual([[0], [1], [2]]);
	send("pointerup", 150);
	expect(done.mock.calls).toEqual([["dropped"]]);
	expect(card.style.transform).toBe("");
});

test("takes a press for a press", () => {
	const { send, lifted, done } = ground();
	send("pointermove", 23);
	send("pointerup", 23);
	send("pointermove", 90);
	expect(lifted).not.toHaveBeenCalled();
	expect(done.mock.calls).toEqual([["pressed"]]);
});

test.each([
	["the browser takes the pointer away", (all: ReturnType<typeof ground>) => all.send("pointercancel", 90)],
	["Escape is pressed", () => window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }))],
	["the page goes", (all: ReturnType<typeof ground>) => all.drag.cancel()],
])("puts the card back when %s", (_when, happen) => {
	const all = ground();
	all.send("pointermove", 90);
	happen(all);
	all.send("pointerup", 90);
	expect(all.done.mock.calls).toEqual([["put-back"]]);
});

test("follows one pointer only", () => {
	const { send, lifted } = ground();
	send("pointermove", 150, 2);
	expect(lifted).not.toHaveBeenCalled();
});
