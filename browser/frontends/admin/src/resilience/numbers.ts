/** Numbers of an answer, checked where they enter. */

import { AnswerUnreadable, type Fields } from "@mainhub/sdk";

/** Returns the number *name*. */
export function numberOf(fields: Fields, name: string): number {
	const value = fields[name];
	if (typeof value !== "number" || !Number.isFinite(value)) {
		throw new AnswerUnreadable(`${name} is not a number`);
	}
	return value;
}

/** Returns the number *name*, `null` when there is none. */
export function optionalNumber(fields: Fields, name: string): number | null {
	return fields[name] === null || fields[name] === undefined ? null : numberOf(fields, name);
}
