/** Rights, holders and reasons as sentences. */

import { formatMoment, type Locale } from "@mainhub/sdk";
import type { Holder, Rights } from "./access.js";
import type { Matter, Step, Why } from "./explained.js";
import { ACCESS_WORDS, type AccessWords } from "./words.js";

const TAGS: Readonly<Record<Locale, string>> = { fr: "fr-FR", en: "en-GB" };

/** Returns the rights as in a sentence: `the role Buyer and the permission orders:write`. */
export function rightsTold({ roles, permissions }: Rights, locale: Locale): string {
	return list([...rolesTold(roles, locale), ...permissionsTold(permissions, locale)], locale, "conjunction");
}

function rolesTold(roles: readonly string[], locale: Locale): readonly string[] {
	return roles.map((role) => ACCESS_WORDS[locale].role(role));
}

function permissionsTold(permissions: readonly string[], locale: Locale): readonly string[] {
	return permissions.map((permission) => ACCESS_WORDS[locale].permission(permission));
}

function list(items: readonly string[], locale: Locale, type: "conjunction" | "disjunction"): string {
	return new Intl.ListFormat(TAGS[locale], { type }).format(items);
}

/** Returns what *holder* is called. */
export function holderName({ name, title }: Holder): string {
	return title ?? name;
}

/** Returns whom a change is about: `everybody in the group Warehouse`. */
export function holderTold(holder: Holder, words: AccessWords): string {
	const name = holderName(holder);
	return holder.kind === "person" ? name : `${words.everybody[holder.kind]} ${name}`;
}

/** Returns the last day on which something holds that ends at *end*. */
export function lastDay(end: Date, locale: Locale): string {
	return new Intl.DateTimeFormat(TAGS[locale], { dateStyle: "medium" }).format(new Date(end.getTime() - 1));
}

/** Returns why it is so: the way from the person to the right, and where that comes from. */
export function whyTold(why: Why, locale: Locale): string {
	const words = ACCESS_WORDS[locale];
	if (why.right.kind === "everyone") {
		return words.everyone;
	}
	return [...wayTo(why, words), rightName(why, words)].join(" → ").concat(` (${originTold(why, locale)})`);
}

/** Returns whence a right is, where the right itself has just been named. */
export function whenceTold(why: Why, locale: Locale): string {
	const way = wayTo(why, ACCESS_WORDS[locale]);
	const origin = originTold(why, locale);
	return way.length === 0 ? origin : `${way.join(" → ")} (${origin})`;
}

function wayTo(why: Why, words: AccessWords): readonly string[] {
	const way = why.via.filter(({ kind }) => kind !== "token").map((step) => stepTold(step, words));
	return way.at(-1) === rightName(why, words) ? way.slice(0, -1) : way;
}

function rightName({ right }: Why, words: AccessWords): string {
	return `${right.kind === "role" ? words.kinds.role : words.permissionKind} ${right.name}`;
}

function originTold({ source, by, at, until }: Why, locale: Locale): string {
	const words = ACCESS_WORDS[locale];
	const origin = {
		token: words.fromToken,
		settings: words.fromSettings,
		"run-time": words.fromGrant(by ?? "?", at === null ? "?" : formatMoment(at, locale)),
	}[source];
	return until === null ? origin : `${origin}, ${words.untilWhen(lastDay(until, locale))}`;
}

function stepTold({ kind, name, title }: Step, words: AccessWords): string {
	return `${words.kinds[kind === "token" ? "person" : kind]} ${title ?? name}`;
}

/** Returns the rights as in a table: `role Buyer, permission orders:write`. */
export function rightsNamed({ roles, permissions }: Rights, locale: Locale): string {
	const words = ACCESS_WORDS[locale];
	const named = (kind: string) => (name: string) => `${kind} ${name}`;
	return [...roles.map(named(words.kinds.role)), ...permissions.map(named(words.permissionKind))].join(", ");
}

/** Returns the reasons of *matter*, what is missing where it is refused. */
export function reasonsTold({ allowed, isClosed, needs, why }: Matter, locale: Locale): readonly string[] {
	const words = ACCESS_WORDS[locale];
	if (allowed) {
		return why.map((one) => whyTold(one, locale));
	}
	if (isClosed) {
		return [words.closed];
	}
	const wanted = [...rolesTold(needs.roles, locale), ...permissionsTold(needs.permissions, locale)];
	return [wanted.length === 0 ? words.nobody : words.needs(list(wanted, locale, "disjunction"))];
}
