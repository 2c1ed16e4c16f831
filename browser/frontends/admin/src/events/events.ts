/** Events and their types, checked where they enter. */

import {
	AnswerUnreadable,
	fieldsOf,
	type HubEvent,
	isRecord,
	listOf,
	oneOf,
	optionalText,
	textOf,
	timeOf,
} from "@mainhub/sdk";

export const SCOPES = ["page", "person", "roles", "everyone"] as const;
export type Scope = (typeof SCOPES)[number];

export interface DataField {
	readonly name: string;
	readonly kind: string;
	readonly isRequired: boolean;
	readonly about: string;
	/** What it may be; empty: anything of its kind. */
	readonly choices: readonly string[];
}

export interface EventType {
	readonly type: string;
	readonly summary: string;
	readonly emitter: string;
	readonly scope: Scope;
	readonly roles: readonly string[];
	readonly publish: readonly string[];
	readonly mayPublish: boolean;
	readonly data: readonly DataField[];
}

export const TYPES_PATH = "/hub/v1/events/types";
export const EVENTS_PATH = "/hub/v1/events";

export function parseTypes(answer: unknown): readonly EventType[] {
	return listOf(fieldsOf(answer, "the answer"), "items").map((item) => {
		const fields = fieldsOf(item, "a type");
		const scope = fieldsOf(fields["scope"], "scope");
		return {
			type: textOf(fields, "type"),
			summary: textOf(fields, "summary"),
			emitter: textOf(fields, "emitter"),
			scope: oneOf(scope, "kind", SCOPES, "page"),
			roles: listOf(scope, "roles").filter((role) => typeof role === "string"),
			publish: listOf(fields, "publish").filter((role) => typeof role === "string"),
			mayPublish: fields["may_publish"] === true,
			data: listOf(fields, "data").map(parseField),
		};
	});
}

function parseField(value: unknown): DataField {
	const fields = fieldsOf(value, "a field");
	return {
		name: textOf(fields, "name"),
		kind: textOf(fields, "kind"),
		isRequired: fields["required"] === true,
		about: textOf(fields, "about"),
		choices: Array.isArray(fields["choices"]) ? fields["choices"].filter((one) => typeof one === "string") : [],
	};
}

export function parseHistory(answer: unknown): readonly HubEvent[] {
	return listOf(fieldsOf(answer, "the answer"), "items").map((item) => {
		const fields = fieldsOf(item, "an event");
		const by = fields["by"];
		const data = fields["data"];
		return {
			id: optionalText(fields, "id"),
			type: textOf(fields, "type"),
			timestamp: timeOf(fields, "timestamp"),
			source: textOf(fields, "source"),
			data: isRecord(data) ? data : {},
			by: isRecord(by) ? { id: textOf(by, "id"), name: textOf(by, "name") } : null,
		};
	});
}

/** Returns *known* and *more* as one list, newest first, each event once, at most *most* of them. */
export function gathered(known: readonly HubEvent[], more: readonly HubEvent[], most: number): readonly HubEvent[] {
	const byId = new Map<string, HubEvent>();
	const own: HubEvent[] = [];
	for (const event of [...known, ...more]) {
		// What the page tells itself of its link to the hub is no event of the hub’s.
		if (!event.type.includes(":")) {
			continue;
		}
		if (event.id === null) {
			own.push(event);
		} else {
			byId.set(event.id, event);
		}
	}
	return [...byId.values(), ...own]
		.sort((one, other) => other.timestamp.getTime() - one.timestamp.getTime())
		.slice(0, most);
}

/** Returns the data that a form's *texts* mean, by the kinds of *fields*; what is empty and optional is left out. */
export function dataOf(fields: readonly DataField[], texts: Readonly<Record<string, string>>): Record<string, unknown> {
	const data: Record<string, unknown> = {};
	for (const { name, kind, isRequired } of fields) {
		const text = (texts[name] ?? "").trim();
		if (text === "" && !isRequired) {
			continue;
		}
		data[name] =
			kind === "integer"
				? Number(text)
				: kind === "boolean"
					? text === "true"
					: kind === "list of text"
						? text.split(/\s*,\s*/)
						: text;
	}
	return data;
}

/** Reads the data of a company's own type: a JSON object, or nothing for an empty one. */
export function readData(text: string): Record<string, unknown> {
	const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
	if (!isRecord(value)) {
		throw new AnswerUnreadable("the data is not an object");
	}
	return value;
}
