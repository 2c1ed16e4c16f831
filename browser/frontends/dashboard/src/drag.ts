/** Carrying a card by mouse, pen or finger: pointer events alone, which are the same for all three. */

import { type Box, placeAt, scrollStep } from "./carry.js";

/** Less than this is a press, not a drag. In pixels. */
const SLACK = 5;

/** `pressed`: the card was never lifted. */
export type DragEnding = "dropped" | "put-back" | "pressed";

export interface DragWorld {
	/** The grid, whose children *cards* are, in order. */
	readonly grid: HTMLElement;
	readonly cards: readonly HTMLElement[];
	readonly card: HTMLElement;
	readonly lifted: () => void;
	/** Called with the place where the card would land, each time that it becomes another. */
	readonly over: (place: number) => void;
	/** Called once, in the end. */
	readonly done: (ending: DragEnding) => void;
}

/** Begins at *down*, a `pointerdown` on the card's handle, and ends by itself. */
export class Drag {
	readonly #world: DragWorld;
	readonly #down: { readonly x: number; readonly y: number };
	readonly #end = new AbortController();
	#point: { readonly x: number; readonly y: number };
	#boxes: readonly Box[] = [];
	#offset = { x: 0, y: 0 };
	#isLifted = false;
	#place = -1;
	#frame = 0;

	constructor(down: PointerEvent, handle: HTMLElement, world: DragWorld) {
		this.#world = world;
		this.#down = { x: down.clientX, y: down.clientY };
		this.#point = this.#down;
		const { signal } = this.#end;
		const mine = (event: Event): event is PointerEvent => (event as PointerEvent).pointerId === down.pointerId;
		handle.setPointerCapture?.(down.pointerId);
		handle.addEventListener("pointermove", (event) => mine(event) && this.#move(event), { signal });
		handle.addEventListener("pointerup", (event) => mine(event) && this.#finish(true), { signal });
		handle.addEventListener("pointercancel", (event) => mine(event) && this.#finish(false), { signal });
		handle.addEventListener("lostpointercapture", (event) => mine(event) && this.#finish(true), { signal });
		addEventListener("keydown", (event) => event.key === "Escape" && this.#finish(false), { signal, capture: true });
		addEventListener("scroll", () => this.#follow(), { signal, passive: true });
	}

	/** Puts the card back, whatever the pointer does. */
	cancel(): void {
		this.#finish(false);
	}

	#move(event: PointerEvent): void {
		this.#point = { x: event.clientX, y: event.clientY };
		const far = Math.hypot(this.#point.x - this.#down.x, this.#point.y - this.#down.y) >= SLACK;
		if (!this.#isLifted && far) {
			this.#lift();
		}
		this.#follow();
	}

	#lift(): void {
		const { grid, card, cards, lifted } = this.#world;
		const ground = grid.getBoundingClientRect();
		this.#boxes = cards.map((one) => {
			const { left, top, width, height } = one.getBoundingClientRect();
			return { left: left - ground.left, top: top - ground.top, width, height };
		});
		const box = card.getBoundingClientRect();
		this.#offset = { x: this.#down.x - box.left, y: this.#down.y - box.top };
		this.#isLifted = true;
		card.style.inlineSize = `${box.width}px`;
		card.style.blockSize = `${box.height}px`;
		lifted();
		this.#frame = requestAnimationFrame(this.#scroll);
	}

	/** Takes the card under the pointer, and tells where it would land. */
	#follow(): void {
		if (!this.#isLifted) {
			return;
		}
		const { grid, card, over } = this.#world;
		const ground = grid.getBoundingClientRect();
		const x = this.#point.x - ground.left;
		const y = this.#point.y - ground.top;
		card.style.transform = `translate(${x - this.#offset.x}px, ${y - this.#offset.y}px)`;
		const place = placeAt(this.#boxes, x, y);
		if (place !== this.#place) {
			this.#place = place;
			over(place);
		}
	}

	readonly #scroll = (): void => {
		const step = scrollStep(this.#point.y, 0, innerHeight);
		if (step !== 0) {
			scrollBy(0, step);
		}
		this.#frame = requestAnimationFrame(this.#scroll);
	};

	#finish(isDropped: boolean): void {
		if (this.#end.signal.aborted) {
			return;
		}
		this.#end.abort();
		cancelAnimationFrame(this.#frame);
		for (const property of ["inline-size", "block-size", "transform"]) {
			this.#world.card.style.removeProperty(property);
		}
		const ending = isDropped ? "dropped" : "put-back";
		this.#world.done(this.#isLifted ? ending : "pressed");
	}
}
