/** What answers behind the hub, as `/healthz` tells it, checked where it enters. */

import {
	AnswerUnreadable,
	type Fields,
	fieldsOf,
	isRecord,
	type Locale,
	listOf,
	oneOf,
	optionalText,
	optionalTime,
	textOf,
} from "@mainhub/sdk";

// Worst first: the list is read from the top.
const STATES = ["failed", "degraded", "unknown", "fine"] as const;
export type CheckState = (typeof STATES)[number];

export interface Check {
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>>;
	readonly state: CheckState;
	readonly since: Date | null;
	/** For administrators only. */
	readonly detail: string | null;
	readonly remedy: string | null;
	readonly nextAt: Date | null;
}

export interface Health {
	readonly status: CheckState;
	readonly checks: readonly Check[];
}

/** Parses the answer of `GET /healthz`; the worst come first. */
export function parseHealth(answer: unknown): Health {
	const fields = fieldsOf(answer, "answer");
	const checks = listOf(fields, "checks").map(parseCheck);
	return {
		status: oneOf(fields, "status", STATES, "unknown"),
		checks: checks.sort((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state)),
	};
}

function parseCheck(item: unknown): Check {
	const fields = fieldsOf(item, "check");
	return {
		name: textOf(fields, "name"),
		titles: titlesOf(fields),
		state: oneOf(fields, "state", STATES, "unknown"),
		since: optionalTime(fields, "since"),
		detail: optionalText(fields, "detail"),
		remedy: optionalText(fields, "remedy"),
		nextAt: optionalTime(fields, "next_at"),
	};
}

/** Returns the title in both languages: one text stands for both. */
function titlesOf(fields: Fields): Readonly<Record<Locale, string>> {
	const title = fields["title"];
	if (typeof title === "string") {
		return { fr: title, en: title };
	}
	if (!isRecord(title)) {
		throw new AnswerUnreadable("title is neither a text nor one in each language");
	}
	return { fr: textOf(title, "fr"), en: textOf(title, "en") };
}
