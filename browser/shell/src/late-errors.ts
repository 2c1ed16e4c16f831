/** Whose error is it that reached the window: found by the URLs in its stack. */

import type { FrontendEntry } from "./boot.js";

/** Returns the front-end whose file stands in *traces*, or `null`. */
export function errorOwner<Entry extends Pick<FrontendEntry, "url">>(
	traces: string,
	frontends: readonly Entry[],
	origin: string,
): Entry | null {
	const named = (part: (url: URL) => string | null) =>
		frontends.find((frontend) => {
			const text = frontend.url === null ? null : part(new URL(frontend.url, origin));
			return text !== null && traces.includes(text);
		});
	// The file itself first: two front-ends may lie in one folder of another origin.
	return named((url) => url.href) ?? named((url) => (url.origin === origin ? null : folder(url))) ?? null;
}

function folder({ href }: URL): string {
	return href.slice(0, href.lastIndexOf("/") + 1);
}

/** Returns the places that an error of the window names. */
export function tracesOf(event: ErrorEvent | PromiseRejectionEvent): string {
	const isRejection = "reason" in event;
	const thrown: unknown = isRejection ? event.reason : event.error;
	const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
	return isRejection ? stack : `${event.filename}\n${stack}`;
}
