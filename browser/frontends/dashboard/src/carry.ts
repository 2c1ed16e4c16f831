/** A card in the hand: what keys and pointer make of it, as plain values. */

/** *widget* was taken from place *from* and would land on place *to*, both from 0. */
export interface Carry {
	readonly widget: string;
	readonly from: number;
	readonly to: number;
}

/** What just happened, to be told in words. */
export type Outcome = "picked-up" | "moved" | "at-start" | "at-end" | "dropped" | "put-back";

export interface Step {
	readonly outcome: Outcome;
	/** Whose place is told, and which. */
	readonly carry: Carry;
	/** Whether the card is still in the hand. */
	readonly isHeld: boolean;
}

/** A card whose handle has the focus. */
export interface Held {
	readonly widget: string;
	readonly index: number;
	readonly count: number;
}

const BACK: readonly string[] = ["ArrowUp", "ArrowLeft"];
const ON: readonly string[] = ["ArrowDown", "ArrowRight"];

/** Returns what *key* does to the card at the focused handle, `null` when it means nothing here. */
export function steer(carry: Carry | null, key: string, { widget, index, count }: Held): Step | null {
	const isToggle = key === " " || key === "Enter";
	if (carry === null || carry.widget !== widget) {
		const taken = { widget, from: index, to: index };
		return isToggle ? { outcome: "picked-up", carry: taken, isHeld: true } : null;
	}
	if (isToggle) {
		return { outcome: "dropped", carry, isHeld: false };
	}
	if (key === "Escape") {
		return putBack(carry);
	}
	const to = target(carry.to, key, count);
	if (to === null) {
		return null;
	}
	const at = Math.min(Math.max(0, to), count - 1);
	if (at === carry.to) {
		return { outcome: at === 0 && to <= 0 ? "at-start" : "at-end", carry, isHeld: true };
	}
	return { outcome: "moved", carry: { ...carry, to: at }, isHeld: true };
}

/** Returns the step that leaves everything as it was. */
export function putBack(carry: Carry): Step {
	return { outcome: "put-back", carry: { ...carry, to: carry.from }, isHeld: false };
}

function target(place: number, key: string, count: number): number | null {
	if (BACK.includes(key)) {
		return place - 1;
	}
	if (ON.includes(key)) {
		return place + 1;
	}
	return key === "Home" ? 0 : key === "End" ? count - 1 : null;
}

export interface Box {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
}

/**
 * Returns the place whose box holds the point, or is nearest to it. *boxes* are those from before the
 * card was lifted: what moves aside meanwhile does not change the answer, so nothing flickers.
 */
export function placeAt(boxes: readonly Box[], x: number, y: number): number {
	let nearest = 0;
	let least = Number.POSITIVE_INFINITY;
	boxes.forEach((box, at) => {
		const aside = Math.max(box.left - x, 0, x - box.left - box.width);
		const above = Math.max(box.top - y, 0, y - box.top - box.height);
		const distance = aside * aside + above * above;
		if (distance < least) {
			least = distance;
			nearest = at;
		}
	});
	return nearest;
}

/** How near to an edge of the window the page begins to scroll, and the most pixels a frame. */
const EDGE = 96;
const FASTEST = 18;

/** Returns the pixels to scroll by in the next frame when the pointer is at *y* between *top* and *bottom*. */
export function scrollStep(y: number, top: number, bottom: number): number {
	const up = (top + EDGE - y) / EDGE;
	const down = (y - (bottom - EDGE)) / EDGE;
	const pull = up > 0 ? -Math.min(up, 1) : Math.max(0, Math.min(down, 1));
	return Math.round(pull * FASTEST);
}
