/** Who is given what, checked where it enters; what is typed turned into a grant. */

import { type Fields, fieldsOf, isRecord, listOf, oneOf, optionalText, optionalTime, textOf } from "@mainhub/sdk";

export const KINDS = ["role", "group", "person"] as const;
export type Kind = (typeof KINDS)[number];
export type Source = "settings" | "run-time";

/** Who has something: everybody with a role, everybody in a group, or one person. */
export interface Holder {
	readonly kind: Kind;
	/** The role, or the id of the group or person at the identity provider. */
	readonly name: string;
	readonly title: string | null;
}

export interface Rights {
	readonly roles: readonly string[];
	readonly permissions: readonly string[];
}

/** One line of what is given. */
export interface Granted extends Rights {
	readonly key: string;
	/** `null`: it stands in the settings, and only those can take it back. */
	readonly id: string | null;
	readonly to: Holder;
	readonly source: Source;
	readonly by: string | null;
	readonly at: Date | null;
	readonly until: Date | null;
}

export interface Access {
	readonly items: readonly Granted[];
	readonly knownRoles: readonly string[];
	readonly knownPermissions: readonly string[];
}

export const ACCESS_PATH = "/hub/v1/access";
export const GRANTS_PATH = `${ACCESS_PATH}/grants`;

export function parseAccess(answer: unknown): Access {
	const fields = fieldsOf(answer, "the answer");
	const titles = new Map<string, string>();
	for (const group of listOf(fields, "groups")) {
		const known = fieldsOf(group, "a group");
		titles.set(textOf(known, "id"), optionalText(known, "title") ?? textOf(known, "id"));
	}
	const roles = listOf(fields, "roles").map((value) => settled("role", fieldsOf(value, "a role"), "name"));
	const groups = listOf(fields, "groups").map((value) => settled("group", fieldsOf(value, "a group"), "id"));
	const grants = listOf(fields, "grants").map((value) => parseGrant(value, titles));
	return {
		items: [...grants, ...groups, ...roles],
		knownRoles: names(fields["known_roles"]),
		knownPermissions: names(fields["known_permissions"]),
	};
}

export function parseGrant(value: unknown, titles: ReadonlyMap<string, string> = new Map()): Granted {
	const fields = fieldsOf(value, "a grant");
	const to = fieldsOf(fields["to"], "to");
	const [id, name] = [textOf(fields, "id"), textOf(to, "name")];
	return {
		key: `grant ${id}`,
		id,
		to: {
			kind: oneOf(to, "kind", KINDS, "person"),
			name,
			title: optionalText(to, "title") ?? titles.get(name) ?? null,
		},
		roles: names(fields["roles"]),
		permissions: names(fields["permissions"]),
		source: "run-time",
		by: nameOf(fields["by"]),
		at: optionalTime(fields, "at"),
		until: optionalTime(fields, "expires_at"),
	};
}

function settled(kind: Kind, fields: Fields, id: string): Granted {
	const name = textOf(fields, id);
	return {
		key: `${kind} ${name}`,
		id: null,
		to: { kind, name, title: optionalText(fields, "title") },
		roles: names(fields["roles"]),
		permissions: names(fields["permissions"]),
		source: "settings",
		by: null,
		at: null,
		until: null,
	};
}

/** Returns the texts of a list, none where there is no list. */
export function names(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Returns what a person is called, however they are told. */
export function nameOf(value: unknown): string | null {
	const name = isRecord(value) ? value["name"] : value;
	return typeof name === "string" && name !== "" ? name : null;
}

/** Returns the names in *text*, with commas, spaces or lines between them, each once. */
export function readNames(text: string): readonly string[] {
	return [...new Set(text.split(/[\s,;]+/).filter((name) => name !== ""))];
}

/** What is being typed: not yet a grant. */
export interface Draft {
	readonly kind: Kind;
	readonly who: string;
	readonly roles: string;
	readonly permissions: string;
	/** A day of the browser's own time zone; empty: for good. */
	readonly until: string;
}

export const NO_DRAFT: Draft = { kind: "person", who: "", roles: "", permissions: "", until: "" };

/** Somebody or something that can be chosen, by what people call it. */
export interface Choice {
	readonly name: string;
	readonly label: string;
	/** What it is called in what is given; `null`: by its name. */
	readonly title: string | null;
}

export interface Wanted extends Rights {
	readonly to: Holder;
	readonly until: Date | null;
}

/** Returns the grant that *draft* means, `null` while something is missing. */
export function wantedOf(draft: Draft, choices: readonly Choice[]): Wanted | null {
	const typed = draft.who.trim();
	const chosen = choices.find(({ name, label }) => label === typed || name === typed);
	const [roles, permissions] = [readNames(draft.roles), readNames(draft.permissions)];
	const until = draft.until === "" ? null : endOf(draft.until);
	if (typed === "" || roles.length + permissions.length === 0 || (until !== null && Number.isNaN(until.getTime()))) {
		return null;
	}
	const name = chosen?.name ?? typed;
	return { to: { kind: draft.kind, name, title: chosen?.title ?? null }, roles, permissions, until };
}

/** The day counts to its end. */
function endOf(day: string): Date {
	const date = new Date(`${day}T00:00:00`);
	date.setDate(date.getDate() + 1);
	return date;
}

export function bodyOf({ to, roles, permissions, until }: Wanted): unknown {
	return { to, roles, permissions, expires_at: until?.toISOString() ?? null };
}

/** Returns the people and groups of *answer*, everybody's sessions, each once. */
export function peopleOf(answer: unknown): readonly Choice[] {
	const people = new Map<string, Choice>();
	for (const item of listOf(fieldsOf(answer, "the answer"), "items")) {
		const person = fieldsOf(fieldsOf(item, "a session")["person"], "person");
		const name = textOf(person, "id");
		const title = textOf(person, "name");
		people.set(name, { name, title, label: `${title} · ${optionalText(person, "email") ?? name}` });
	}
	return [...people.values()].sort((one, other) => one.label.localeCompare(other.label));
}
