/** The person's session as the hub tells it, checked where it enters. */

import { isRecord } from "@mainhub/sdk";

export interface Session {
	readonly provider: string | null;
	readonly expiresAt: Date | null;
	readonly idleExpiresAt: Date | null;
}

/** Parses the answer of `GET /auth/session`; what is absent is `null`. */
export function parseSession(answer: unknown): Session {
	const fields = isRecord(answer) ? answer : {};
	const provider = fields["provider"];
	const title = isRecord(provider) ? provider["title"] : provider;
	return {
		provider: typeof title === "string" ? title : null,
		expiresAt: time(fields["expires_at"]),
		idleExpiresAt: time(fields["idle_expires_at"]),
	};
}

function time(value: unknown): Date | null {
	const date = typeof value === "string" ? new Date(value) : null;
	return date !== null && !Number.isNaN(date.getTime()) ? date : null;
}
