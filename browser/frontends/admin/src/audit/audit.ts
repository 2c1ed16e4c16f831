/** The audit record, checked where it enters; filters as an address; what a change changed. */

import { fieldsOf, isRecord, listOf, oneOf, optionalText, textOf, timeOf } from "@mainhub/sdk";

export const OUTCOMES = ["done", "refused", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface AuditEntry {
	readonly id: number;
	readonly at: Date;
	readonly action: string;
	readonly outcome: Outcome;
	readonly person: { readonly id: string; readonly name: string } | null;
	readonly address: string | null;
	readonly right: string | null;
	readonly target: { readonly kind: string; readonly name: string } | null;
	readonly before: unknown;
	readonly after: unknown;
	readonly detail: string | null;
	readonly traceId: string;
}

export interface AuditPage {
	readonly items: readonly AuditEntry[];
	/** The `before` of the following page; `null`: there is none. */
	readonly next: number | null;
	readonly actions: readonly string[];
}

export const AUDIT_PATH = "/hub/v1/audit";
export const FILTERS = ["action", "outcome", "person", "target", "since", "until"] as const;
export type Filters = Readonly<Partial<Record<(typeof FILTERS)[number], string>>>;

export function parseAudit(answer: unknown): AuditPage {
	const fields = fieldsOf(answer, "the answer");
	const next = fields["next"];
	return {
		items: listOf(fields, "items").map(parseEntry),
		next: typeof next === "number" ? next : null,
		actions: listOf(fields, "actions").filter((action) => typeof action === "string"),
	};
}

function parseEntry(value: unknown): AuditEntry {
	const fields = fieldsOf(value, "an entry");
	const { person, target } = fields;
	return {
		id: Number(fields["id"]),
		at: timeOf(fields, "at"),
		action: textOf(fields, "action"),
		outcome: oneOf(fields, "outcome", OUTCOMES, "failed"),
		person: isRecord(person) ? { id: textOf(person, "id"), name: textOf(person, "name") } : null,
		address: optionalText(fields, "address"),
		right: optionalText(fields, "right"),
		target: isRecord(target) ? { kind: textOf(target, "kind"), name: textOf(target, "name") } : null,
		before: fields["before"] ?? null,
		after: fields["after"] ?? null,
		detail: optionalText(fields, "detail"),
		traceId: textOf(fields, "trace_id"),
	};
}

/** Returns the query of *filters*, days as whole days of the browser's own time zone. */
export function queryOf(filters: Filters): string {
	const query = new URLSearchParams();
	for (const name of FILTERS) {
		const value = filters[name]?.trim() ?? "";
		if (value !== "") {
			query.set(name, name === "since" || name === "until" ? moment(value, name === "until") : value);
		}
	}
	return query.toString();
}

function moment(day: string, isEnd: boolean): string {
	const date = new Date(`${day}T00:00:00`);
	if (isEnd) {
		date.setDate(date.getDate() + 1);
	}
	return Number.isNaN(date.getTime()) ? day : date.toISOString();
}

/** Returns what *entry* was about, in the words of people: whose session, or who was given something. */
export function targetOf({ target, before, after }: AuditEntry): string | null {
	const person = isRecord(before) ? before["person"] : null;
	if (target?.kind === "session" && isRecord(person) && typeof person["name"] === "string") {
		return person["name"];
	}
	const title = [after, before].map((said) => (isRecord(said) ? said["title"] : null)).find((one) => one);
	return typeof title === "string" ? title : (target?.name ?? null);
}

export interface Difference {
	readonly field: string;
	readonly before: string | null;
	readonly after: string | null;
}

/** Returns the fields in which *before* and *after* differ; what is no object is one field without a name. */
export function differences(before: unknown, after: unknown): readonly Difference[] {
	if (!isRecord(before) && !isRecord(after)) {
		return before === null && after === null ? [] : [{ field: "", before: shown(before), after: shown(after) }];
	}
	const old: Readonly<Record<string, unknown>> = isRecord(before) ? before : {};
	const now: Readonly<Record<string, unknown>> = isRecord(after) ? after : {};
	return [...new Set([...Object.keys(old), ...Object.keys(now)])]
		.map((field) => ({ field, before: shown(old[field]), after: shown(now[field]) }))
		.filter((one) => one.before !== one.after);
}

function shown(value: unknown): string | null {
	if (value === null || value === undefined) {
		return null;
	}
	if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
		return value.length === 0 ? null : value.join(", ");
	}
	return typeof value === "string" ? value : JSON.stringify(value);
}
