/** Sends the events of this page to the hub. */

import type { Api, HubEvent } from "@mainhub/sdk/core";
import type { Publish } from "./bus.js";

/** Told within this page only. */
const OF_THE_PAGE: ReadonlySet<string> = new Set(["app:loaded", "app:unloaded", "network:status"]);
/** What the shell says by itself, at most so often; nobody asked for it. */
const REPORT = "app:error";
const REPORTS = 10;
const REPORTS_SECONDS = 60;

/** Returns what publishes under the name of *tab*, which the hub gives back so that a page knows its own. */
export function publisher(api: Api, tab: string): Publish {
	let reports: number[] = [];
	return async ({ type, data, source, timestamp }: HubEvent, roles) => {
		if (OF_THE_PAGE.has(type)) {
			return;
		}
		if (type === REPORT) {
			const now = timestamp.getTime();
			reports = reports.filter((at) => at > now - REPORTS_SECONDS * 1000);
			if (reports.length >= REPORTS) {
				return;
			}
			reports.push(now);
		}
		const body = { type, data, source, tab, ...(roles === undefined ? {} : { roles }) };
		await api("/hub/v1/events", { method: "POST", body, background: type === REPORT });
	};
}
