/** Whose error is it that reached the window: found by the URLs in its stack. */

import type { FrontendEntry } from "./boot.js";

/** Returns the front-end whose file stands in *traces*, or `null`. */
export function errorOwner<Entry extends Pick<FrontendEntry, "url">>(
	traces: string,
	frontends: readonly Entry[],
	origin: string,
): Entry | null {
	return frontends.find((frontend) => traces.includes(territory(frontend.url, origin))) ?? null;
}

/** Returns the text by which a front-end's files are told: its file, or its folder on another origin. */
function territory(url: string, origin: string): string {
	const { href, origin: home } = new URL(url, origin);
	return home === origin ? href : href.slice(0, href.lastIndexOf("/") + 1);
}

/** Returns the places that an error of the window names. */
export function tracesOf(event: ErrorEvent | PromiseRejectionEvent): string {
	const isRejection = "reason" in event;
	const thrown: unknown = isRejection ? event.reason : event.error;
	const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
	return isRejection ? stack : `${event.filename}\n${stack}`;
}
