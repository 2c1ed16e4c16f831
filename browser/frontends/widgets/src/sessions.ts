/** The sessions of a person as the hub tells them, checked where they enter. */

import { fieldsOf, listOf, optionalText, optionalTime, textOf, timeOf } from "@mainhub/sdk";

export interface Session {
	/** Names the session and opens nothing. */
	readonly ref: string;
	/** As `Chrome on Linux`; `null` when the browser did not say. */
	readonly device: string | null;
	readonly browser: string | null;
	readonly system: string | null;
	readonly address: string | null;
	readonly createdAt: Date;
	readonly seenAt: Date | null;
	readonly expiresAt: Date | null;
	/** Whether it is the one of this page. */
	readonly isCurrent: boolean;
}

export interface Sessions {
	readonly items: readonly Session[];
	/** There are more than the hub lists. */
	readonly isTruncated: boolean;
}

/** Parses the answer of `GET /auth/sessions`: this page's own first, then the last used. */
export function parseSessions(answer: unknown): Sessions {
	const fields = fieldsOf(answer, "answer");
	const items = listOf(fields, "items").map(parseSession);
	return { items: items.sort(byUse), isTruncated: fields["truncated"] === true };
}

function parseSession(item: unknown): Session {
	const fields = fieldsOf(item, "item");
	const device = fieldsOf(fields["device"], "device");
	return {
		ref: textOf(fields, "ref"),
		device: optionalText(device, "label"),
		browser: optionalText(device, "browser"),
		system: optionalText(device, "system"),
		address: optionalText(device, "address"),
		createdAt: timeOf(fields, "created_at"),
		seenAt: optionalTime(fields, "seen_at"),
		expiresAt: optionalTime(fields, "expires_at"),
		isCurrent: fields["current"] === true,
	};
}

function byUse(one: Session, other: Session): number {
	return Number(other.isCurrent) - Number(one.isCurrent) || used(other) - used(one);
}

function used({ seenAt, createdAt }: Session): number {
	return (seenAt ?? createdAt).getTime();
}
