/** Who is signed in in this browser, and until when, as the hub knows it. Asking prolongs nothing. */

import { isRecord } from "@mainhub/sdk/core";
import { newTraceId, newTraceparent } from "../trace.js";

/** Times are by this computer's clock, in milliseconds, however wrong it is. */
export interface Standing {
	readonly person: string;
	/** When the session ends unless it is used. */
	readonly idleEnds: number;
	/** When it ends in any case. */
	readonly ends: number;
}

/** `nobody` is signed in; `unknown`: the hub did not say. */
export type Answer = Standing | "nobody" | "unknown";

const TIMEOUT_SECONDS = 10;

/** Asks the hub. Never rejects. */
export async function askStanding(fetch: (url: string, init: RequestInit) => Promise<Response>): Promise<Answer> {
	const headers = {
		accept: "application/json",
		traceparent: newTraceparent(newTraceId()),
		"x-mainhub-background": "1",
	};
	const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
	try {
		const response = await fetch("/auth/session", { headers, signal, credentials: "same-origin", cache: "no-store" });
		if (response.status === 401) {
			return "nobody";
		}
		const said = Date.parse(response.headers.get("date") ?? "");
		return readStanding(await response.json(), Number.isNaN(said) ? 0 : Date.now() - said);
	} catch {
		return "unknown";
	}
}

/** Reads what the hub answered; *ahead* is how far this computer's clock is before the hub's. */
function readStanding(answer: unknown, ahead: number): Answer {
	const session = isRecord(answer) ? answer : {};
	const user = isRecord(session["user"]) ? session["user"] : {};
	const person = user["id"];
	const idleEnds = Date.parse(String(session["idle_expires_at"])) + ahead;
	const ends = Date.parse(String(session["expires_at"])) + ahead;
	const isWhole = typeof person === "string" && !Number.isNaN(idleEnds) && !Number.isNaN(ends);
	return isWhole ? { person, idleEnds, ends } : "unknown";
}
