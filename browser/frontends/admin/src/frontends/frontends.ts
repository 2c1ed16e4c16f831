/** The registry of front-ends, checked where it enters, and what a change of roles means. */

import { type Fields, fieldsOf, type Locale, listOf, optionalText, optionalTime, textOf } from "@mainhub/sdk";

export interface Registered {
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>>;
	readonly icon: string;
	readonly routes: readonly string[];
	readonly roles: readonly string[];
	readonly active: boolean;
	readonly generation: number;
	readonly shipped: boolean;
	readonly isBuilt: boolean;
	readonly widgets: number;
	readonly changed: readonly string[];
	readonly changedAt: Date | null;
	readonly changedBy: string | null;
}

export const FRONTENDS_PATH = "/hub/v1/frontends/all";
export const EVERYONE = "*";

export function parseRegistry(answer: unknown): readonly Registered[] {
	return listOf(fieldsOf(answer, "the answer"), "items").map(parseRegistered);
}

export function parseRegistered(value: unknown): Registered {
	const fields = fieldsOf(value, "a front-end");
	const titles = fieldsOf(fields["titles"], "titles");
	return {
		name: textOf(fields, "name"),
		titles: { fr: textOf(titles, "fr"), en: textOf(titles, "en") },
		icon: textOf(fields, "icon"),
		routes: texts(fields, "routes"),
		roles: texts(fields, "roles"),
		active: fields["active"] === true,
		generation: Number(fields["generation"]),
		shipped: fields["shipped"] === true,
		isBuilt: optionalText(fields, "url") !== null,
		widgets: listOf(fields, "widgets").length,
		changed: texts(fields, "changed"),
		changedAt: optionalTime(fields, "changed_at"),
		changedBy: optionalText(fields, "changed_by"),
	};
}

function texts(fields: Fields, name: string): readonly string[] {
	return listOf(fields, name).filter((item) => typeof item === "string");
}

/** Returns the roles that *text* names, one on each line or between commas, each once. */
export function readRoles(text: string): readonly string[] {
	const names = text.split(/[\n,]/).map((name) => name.trim());
	return [...new Set(names.filter((name) => name !== ""))];
}

export interface RoleChange {
	readonly gained: readonly string[];
	readonly lost: readonly string[];
}

/** Returns which roles a change opens the front-end to, and from which it takes it. */
export function roleChange(before: readonly string[], after: readonly string[]): RoleChange {
	return {
		gained: after.filter((role) => !before.includes(role)),
		lost: before.filter((role) => !after.includes(role)),
	};
}

/** Worst first: what nobody can open, then what is closed, then the others in their order. */
export function worstFirst(list: readonly Registered[]): readonly Registered[] {
	const rank = (one: Registered) => (!one.isBuilt ? 0 : !one.active ? 1 : one.roles.length === 0 ? 2 : 3);
	return [...list].sort((one, other) => rank(one) - rank(other));
}
