/** What the hub says on the stream, and what the tabs of one person tell each other, checked. */

import { type HubEvent, isRecord } from "@mainhub/sdk/core";

/** Why a stream ended for good; `unknown`: the hub knows nobody any more, and does not say why. */
export const END_REASONS = ["signed-out", "revoked", "replaced", "expired", "provider", "unknown"] as const;
export type EndReason = (typeof END_REASONS)[number];
export type GapReason = "restarted" | "overflow" | "lost";

/** An event, and the page that published it. */
export interface Arrived {
	readonly event: HubEvent;
	readonly tab: string | null;
}

/** What the tab that holds the stream tells the others. `data` is an event as the hub sent it. */
export type Told =
	| { readonly kind: "event"; readonly data: string }
	| { readonly kind: "gap"; readonly reason: string }
	| { readonly kind: "link"; readonly link: Link; readonly cursor: string | null }
	| { readonly kind: "ended"; readonly reason: EndReason; readonly by: string | null }
	/** The stream belongs to another person now. */
	| { readonly kind: "other" }
	/** A new tab asks how things stand. */
	| { readonly kind: "ask" };

/** `live`: events arrive. `trying`: they will again. `away`: the hub does not answer at all. */
export type Link = "live" | "trying" | "away";

/** Reads an event from its JSON; `null` when it is none. */
export function readEvent(text: string): Arrived | null {
	const event = readRecord(text);
	const { id, type, timestamp, source, data } = event;
	const at = new Date(typeof timestamp === "string" ? timestamp : Number.NaN);
	const isWhole = typeof id === "string" && typeof type === "string" && typeof source === "string";
	if (!isWhole || Number.isNaN(at.getTime())) {
		return null;
	}
	const by = isRecord(event["by"])
		? { id: textOf(event["by"], "id") ?? "", name: textOf(event["by"], "name") ?? "" }
		: null;
	return {
		event: Object.freeze({ id, type, timestamp: at, source, data: Object.freeze(isRecord(data) ? data : {}), by }),
		tab: textOf(event, "tab"),
	};
}

/** Reads a JSON object; an empty one when *text* is none. */
export function readRecord(text: string): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? value : {};
	} catch {
		return {};
	}
}

export function textOf(record: Readonly<Record<string, unknown>>, name: string): string | null {
	const value = record[name];
	return typeof value === "string" && value !== "" ? value : null;
}

/** Reads what another tab said; `null` when it is of another make. */
export function readTold(message: unknown): Told | null {
	const said = isRecord(message) ? message : {};
	switch (said["kind"]) {
		case "event":
			return typeof said["data"] === "string" ? { kind: "event", data: said["data"] } : null;
		case "gap":
			return { kind: "gap", reason: textOf(said, "reason") ?? "lost" };
		case "link": {
			const link = (["live", "trying", "away"] as const).find((one) => one === said["link"]);
			return link === undefined ? null : { kind: "link", link, cursor: textOf(said, "cursor") };
		}
		case "ended":
			return { kind: "ended", reason: endReason(said["reason"]), by: textOf(said, "by") };
		case "other":
		case "ask":
			return { kind: said["kind"] };
		default:
			return null;
	}
}

export function endReason(value: unknown): EndReason {
	return END_REASONS.find((reason) => reason === value) ?? "unknown";
}
