/** The cards on a home page, in order: a plain list, and what may be done to it. */

import { isRecord, type WidgetSize } from "@mainhub/sdk";

export type Size = WidgetSize;
export const SIZES: readonly Size[] = ["small", "medium", "large", "full"];

/** A widget in its place: `widget` is `FRONTEND/NAME`. */
export interface Card {
	readonly widget: string;
	readonly size: Size;
}

export type Cards = readonly Card[];

/** What the hub keeps. `generation` counts saves; 0 is the default, saved by nobody. */
export interface Arrangement {
	readonly generation: number;
	readonly cards: Cards;
}

export const COLUMNS = 12;
const WIDTH: Readonly<Record<Size, number>> = { small: 4, medium: 6, large: 8, full: 12 };
/** What the narrowest card needs: less than this beside others can be filled by none. */
const NARROWEST = Math.min(...Object.values(WIDTH));

/** The hub's answer is not a dashboard. */
export class DashboardUnreadable extends Error {
	override readonly name = "DashboardUnreadable";
}

/** Parses the answer of `/hub/v1/dashboard`. */
export function parseDashboard(answer: unknown): Arrangement {
	if (!isRecord(answer) || !Array.isArray(answer["cards"]) || !isCount(answer["generation"])) {
		throw new DashboardUnreadable("generation or cards are absent");
	}
	const cards = answer["cards"].map(parseCard);
	// One widget stands once: the list is kept by its ids.
	return { generation: answer["generation"], cards: cards.filter((card, at) => indexOf(cards, card.widget) === at) };
}

function parseCard(value: unknown): Card {
	const size = isRecord(value) ? SIZES.find((known) => known === value["size"]) : undefined;
	if (!isRecord(value) || typeof value["widget"] !== "string" || size === undefined) {
		throw new DashboardUnreadable("a card has no widget or no known size");
	}
	return { widget: value["widget"], size };
}

function isCount(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/** Returns the place of *widget* from 0, -1 when it is not there. */
export function indexOf(cards: Cards, widget: string): number {
	return cards.findIndex((card) => card.widget === widget);
}

/** Returns *cards* with *widget* at place *to*, or at the nearest one that there is. */
export function move(cards: Cards, widget: string, to: number): Cards {
	const card = cards.find((one) => one.widget === widget);
	if (card === undefined) {
		return cards;
	}
	const others = remove(cards, widget);
	const at = Math.min(Math.max(0, to), others.length);
	return [...others.slice(0, at), card, ...others.slice(at)];
}

/** Returns *cards* with *widget* in another size. */
export function resize(cards: Cards, widget: string, size: Size): Cards {
	return cards.map((card) => (card.widget === widget ? { widget, size } : card));
}

/** Returns *cards* without *widget*. */
export function remove(cards: Cards, widget: string): Cards {
	return cards.filter((card) => card.widget !== widget);
}

/** Whether both show the same in the same order. */
export function sameCards(some: Cards, others: Cards): boolean {
	return (
		some.length === others.length &&
		some.every((card, at) => card.widget === others[at]?.widget && card.size === others[at]?.size)
	);
}

/**
 * Returns the columns that each card takes. Rows are filled in order; what remains of a row and no
 * card could fill goes to its last card, so that rows end alike.
 */
export function spans(cards: Cards): readonly number[] {
	const widths = cards.map((card) => WIDTH[card.size]);
	let used = 0;
	widths.forEach((width, at) => {
		used = used + width > COLUMNS ? width : used + width;
		const left = COLUMNS - used;
		if (left > 0 && left < NARROWEST) {
			widths[at] = width + left;
			used = COLUMNS;
		}
	});
	return widths;
}
