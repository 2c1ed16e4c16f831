/** What has happened, of the hub's memory and of this page's, as one list. */

import { type Fields, fieldsOf, type HubEvent, listOf, optionalText, textOf, timeOf } from "@mainhub/sdk";

/** The page's own housekeeping: nobody needs to read it. */
const UNTOLD: ReadonlySet<string> = new Set(["app:loaded", "app:unloaded", "link", "gap"]);
const MOST = 30;

/** Parses the answer of `GET /hub/v1/events`. */
export function parseEvents(answer: unknown): readonly HubEvent[] {
	return listOf(fieldsOf(answer, "answer"), "items").map(parseEvent);
}

function parseEvent(item: unknown): HubEvent {
	const fields = fieldsOf(item, "event");
	return {
		id: optionalText(fields, "id"),
		type: textOf(fields, "type"),
		timestamp: timeOf(fields, "timestamp"),
		source: textOf(fields, "source"),
		data: fieldsOf(fields["data"] ?? {}, "data"),
		by: authorOf(fields),
	};
}

/** Parses the answer of `GET /hub/v1/events/types` into what the operator says of each type. */
export function parseSummaries(answer: unknown): ReadonlyMap<string, string> {
	const types = listOf(fieldsOf(answer, "answer"), "items").map((item) => fieldsOf(item, "type"));
	return new Map(types.map((type) => [textOf(type, "type"), optionalText(type, "summary") ?? ""]));
}

function authorOf(fields: Fields): HubEvent["by"] {
	if (fields["by"] === null || fields["by"] === undefined) {
		return null;
	}
	const by = fieldsOf(fields["by"], "by");
	return { id: textOf(by, "id"), name: textOf(by, "name") };
}

/**
 * Returns the events of all *lists* that a person may want to read, each once, newest first.
 *
 * A page tells its own event at once, without an id, and the hub has the same one with an id: the hub's
 * stands for both.
 */
export function gathered(...lists: readonly (readonly HubEvent[])[]): readonly HubEvent[] {
	const told = lists.flat().filter((event) => !UNTOLD.has(event.type));
	const named = new Map(told.filter((event) => event.id !== null).map((event) => [event.id, event]));
	const ofHub = [...named.values()];
	const ofPage = told.filter((event) => event.id === null && !ofHub.some((other) => isSame(event, other)));
	const all = [...ofHub, ...ofPage];
	return all.sort((one, other) => other.timestamp.getTime() - one.timestamp.getTime()).slice(0, MOST);
}

/** The hub's clock and the page's differ: the same thing said twice within this is one. */
const APART_MILLISECONDS = 20_000;

function isSame(one: HubEvent, other: HubEvent): boolean {
	return (
		one.type === other.type &&
		one.source === other.source &&
		Math.abs(one.timestamp.getTime() - other.timestamp.getTime()) <= APART_MILLISECONDS &&
		JSON.stringify(one.data) === JSON.stringify(other.data)
	);
}
