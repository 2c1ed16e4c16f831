/** Everybody's sessions, checked where they enter. */

import { fieldsOf, listOf, optionalText, textOf, timeOf } from "@mainhub/sdk";
import { numberOf } from "../resilience/numbers.js";

export interface ListedSession {
	readonly ref: string;
	readonly person: {
		readonly id: string;
		readonly name: string;
		readonly email: string | null;
		readonly roles: readonly string[];
	};
	readonly browser: string | null;
	readonly system: string | null;
	readonly address: string;
	readonly createdAt: Date;
	readonly seenAt: Date;
	readonly idleEndsAt: Date;
	readonly endsAt: Date;
	readonly isCurrent: boolean;
}

export interface Sessions {
	readonly items: readonly ListedSession[];
	readonly isTruncated: boolean;
}

export const SESSIONS_PATH = "/hub/v1/sessions";

export function parseSessions(answer: unknown): Sessions {
	const fields = fieldsOf(answer, "the answer");
	return { items: listOf(fields, "items").map(parseSession), isTruncated: fields["truncated"] === true };
}

/** Returns where all sessions of the person *id* are ended. */
export function personPath(id: string): string {
	return `${SESSIONS_PATH}?person=${encodeURIComponent(id)}`;
}

/** Returns how many sessions ended. */
export function parseEnded(answer: unknown): number {
	return numberOf(fieldsOf(answer, "the answer"), "ended");
}

function parseSession(value: unknown): ListedSession {
	const fields = fieldsOf(value, "a session");
	const person = fieldsOf(fields["person"], "person");
	const device = fieldsOf(fields["device"], "device");
	return {
		ref: textOf(fields, "ref"),
		person: {
			id: textOf(person, "id"),
			name: textOf(person, "name"),
			email: optionalText(person, "email"),
			roles: listOf(person, "roles").filter((role) => typeof role === "string"),
		},
		browser: optionalText(device, "browser"),
		system: optionalText(device, "system"),
		address: textOf(device, "address"),
		createdAt: timeOf(fields, "created_at"),
		seenAt: timeOf(fields, "seen_at"),
		idleEndsAt: timeOf(fields, "idle_expires_at"),
		endsAt: timeOf(fields, "expires_at"),
		isCurrent: fields["current"] === true,
	};
}
