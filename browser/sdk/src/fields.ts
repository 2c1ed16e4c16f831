/** The fields of an answer, checked where they enter. */

import { isRecord } from "./problem.js";

/** An answer of the hub is not what its reader understands; the message names the field. */
export class AnswerUnreadable extends Error {
	override readonly name = "AnswerUnreadable";
}

export type Fields = Readonly<Record<string, unknown>>;

/** Returns the fields of *value*. */
export function fieldsOf(value: unknown, name: string): Fields {
	if (!isRecord(value)) {
		throw new AnswerUnreadable(`${name} is not an object`);
	}
	return value;
}

/** Returns the items of the list *name*. */
export function listOf(fields: Fields, name: string): readonly unknown[] {
	const value = fields[name];
	if (!Array.isArray(value)) {
		throw new AnswerUnreadable(`${name} is not a list`);
	}
	return value;
}

export function textOf(fields: Fields, name: string): string {
	const value = fields[name];
	if (typeof value !== "string") {
		throw new AnswerUnreadable(`${name} is not a text`);
	}
	return value;
}

/** Returns the text *name*, `null` when there is none. */
export function optionalText(fields: Fields, name: string): string | null {
	const value = fields[name];
	return typeof value === "string" && value !== "" ? value : null;
}

export function timeOf(fields: Fields, name: string): Date {
	const date = new Date(textOf(fields, name));
	if (Number.isNaN(date.getTime())) {
		throw new AnswerUnreadable(`${name} is not a time`);
	}
	return date;
}

/** Returns the time *name*, `null` when there is none. */
export function optionalTime(fields: Fields, name: string): Date | null {
	const value = fields[name];
	return value === null || value === undefined ? null : timeOf(fields, name);
}

/** Returns which of *known* the text *name* is, *otherwise* when it is none of them. */
export function oneOf<T extends string>(fields: Fields, name: string, known: readonly T[], otherwise: T): T {
	return known.find((one) => one === fields[name]) ?? otherwise;
}
