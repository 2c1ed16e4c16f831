/** Orders as the service behind the gateway tells them, checked where they enter. */

import { isRecord, type Locale } from "@mainhub/sdk";

// Worst first: the table is read from the top.
const STATUSES = ["late", "to_approve", "in_progress", "shipped", "delivered"] as const;

export type OrderStatus = (typeof STATUSES)[number];

export interface Order {
	readonly id: string;
	readonly article: Readonly<Record<Locale, string>>;
	readonly status: OrderStatus;
	/** A day, `2026-11-24`. */
	readonly delivery: string;
}

export interface Orders {
	readonly items: readonly Order[];
	readonly counts: Readonly<Record<"open" | "to_approve" | "late", number>>;
	/** When the service looked them up. */
	readonly asOf: Date;
}

/** The service's answer is not what this card understands. */
export class OrdersUnreadable extends Error {
	override readonly name = "OrdersUnreadable";
}

/** Parses the answer of `GET /v1/orders`; the worst orders come first. */
export function parseOrders(answer: unknown): Orders {
	if (!isRecord(answer) || !Array.isArray(answer["items"]) || !isRecord(answer["counts"])) {
		throw new OrdersUnreadable("items or counts are absent");
	}
	const counts = answer["counts"];
	const asOf = new Date(text(answer["as_of"], "as_of"));
	if (Number.isNaN(asOf.getTime())) {
		throw new OrdersUnreadable("as_of is not a time");
	}
	return {
		items: answer["items"].map(parseOrder).sort(byUrgency),
		counts: {
			open: count(counts["open"], "open"),
			to_approve: count(counts["to_approve"], "to_approve"),
			late: count(counts["late"], "late"),
		},
		asOf,
	};
}

function parseOrder(item: unknown): Order {
	if (!isRecord(item) || !isRecord(item["article"])) {
		throw new OrdersUnreadable("an item has no article");
	}
	const status = STATUSES.find((known) => known === item["status"]);
	if (status === undefined) {
		throw new OrdersUnreadable(`status ${String(item["status"])} is unknown`);
	}
	const { article } = item;
	return {
		id: text(item["id"], "id"),
		article: { fr: text(article["fr"], "article.fr"), en: text(article["en"], "article.en") },
		status,
		delivery: text(item["delivery"], "delivery"),
	};
}

function byUrgency(one: Order, other: Order): number {
	return STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status) || (one.delivery < other.delivery ? -1 : 1);
}

function text(value: unknown, name: string): string {
	if (typeof value !== "string") {
		throw new OrdersUnreadable(`${name} is not a text`);
	}
	return value;
}

function count(value: unknown, name: string): number {
	if (typeof value !== "number") {
		throw new OrdersUnreadable(`counts.${name} is not a number`);
	}
	return value;
}
