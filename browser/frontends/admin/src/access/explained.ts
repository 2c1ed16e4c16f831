/** What somebody may do, and why, checked where it enters. */

import { fieldsOf, isRecord, type Locale, listOf, oneOf, optionalText, optionalTime, textOf } from "@mainhub/sdk";
import { ACCESS_PATH, KINDS, type Kind, nameOf, names, type Rights } from "./access.js";

export const AREAS = ["administration", "frontend", "service", "event"] as const;
export type Area = (typeof AREAS)[number];

/** One step from the person to the right: the token of the identity provider, a group, a role. */
export interface Step {
	readonly kind: Kind | "token";
	readonly name: string;
	readonly title: string | null;
}

export interface Why {
	readonly right: { readonly kind: "everyone" | "role" | "permission"; readonly name: string };
	readonly via: readonly Step[];
	readonly source: "token" | "settings" | "run-time";
	readonly by: string | null;
	readonly at: Date | null;
	readonly until: Date | null;
}

export interface Held {
	readonly kind: "role" | "permission";
	readonly name: string;
	readonly why: readonly Why[];
}

/** Something that they may do or not. */
export interface Matter {
	readonly area: Area;
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>> | null;
	readonly allowed: boolean;
	/** Closed for everybody, by an administrator. */
	readonly isClosed: boolean;
	readonly needs: Rights;
	readonly why: readonly Why[];
}

export interface Explained {
	readonly person: string | null;
	/** `false`: the provider has not said which groups, so none counts. */
	readonly groupsKnown: boolean;
	readonly held: readonly Held[];
	readonly items: readonly Matter[];
}

/** Whom the question is about: somebody, or whoever has these roles and groups. */
export type Subject =
	| { readonly person: string }
	| { readonly roles: readonly string[]; readonly groups: readonly string[] };

export function explainPath(subject: Subject): string {
	const query = new URLSearchParams();
	if ("person" in subject) {
		query.set("person", subject.person);
	} else {
		for (const role of subject.roles) {
			query.append("roles", role);
		}
		for (const group of subject.groups) {
			query.append("groups", group);
		}
	}
	return `${ACCESS_PATH}/explain?${query}`;
}

export function parseExplained(answer: unknown): Explained {
	const fields = fieldsOf(answer, "the answer");
	const held = (kind: Held["kind"], list: string) =>
		listOf(fields, list).map((value) => {
			const one = fieldsOf(value, `a ${kind}`);
			return { kind, name: textOf(one, "name"), why: listOf(one, "why").map(parseWhy) };
		});
	return {
		person: nameOf(fields["person"]),
		groupsKnown: fields["groups_known"] !== false,
		held: [...held("role", "roles"), ...held("permission", "permissions")],
		items: listOf(fields, "items").map(parseMatter),
	};
}

function parseMatter(value: unknown): Matter {
	const fields = fieldsOf(value, "an item");
	const { titles, needs } = fields;
	return {
		area: oneOf(fields, "kind", AREAS, "administration"),
		name: textOf(fields, "name"),
		titles: isRecord(titles) ? { fr: textOf(titles, "fr"), en: textOf(titles, "en") } : null,
		allowed: fields["allowed"] === true,
		isClosed: fields["closed"] === true,
		needs: {
			roles: isRecord(needs) ? names(needs["roles"]) : [],
			permissions: isRecord(needs) ? names(needs["permissions"]) : [],
		},
		why: listOf(fields, "why").map(parseWhy),
	};
}

function parseWhy(value: unknown): Why {
	const fields = fieldsOf(value, "a reason");
	const right = fieldsOf(fields["right"], "right");
	return {
		right: {
			kind: oneOf(right, "kind", ["everyone", "role", "permission"], "permission"),
			name: textOf(right, "name"),
		},
		via: listOf(fields, "via").map((step) => {
			const one = fieldsOf(step, "a step");
			return {
				kind: oneOf(one, "kind", [...KINDS, "token"], "token"),
				name: textOf(one, "name"),
				title: optionalText(one, "title"),
			};
		}),
		source: oneOf(fields, "source", ["token", "settings", "run-time"], "settings"),
		by: nameOf(fields["by"]),
		at: optionalTime(fields, "at"),
		until: optionalTime(fields, "expires_at"),
	};
}

/** What is shown: everything, or only what is open or not. */
export type Shown = "all" | "allowed" | "refused";

export function shownOf(items: readonly Matter[], shown: Shown): readonly Matter[] {
	return items.filter((one) => shown === "all" || one.allowed === (shown === "allowed"));
}
