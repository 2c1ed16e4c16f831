/** A window of its own in which somebody signs in. It says only that it is done: the hub is asked who it was. */

import { isRecord } from "@mainhub/sdk/core";

/** What a popup, of this page or of another tab, has said. */
export type Said = "signed-in" | "failed";

const CHANNEL = "mainhub-signin";
const WIDTH = 520;
const HEIGHT = 720;
const TYPES: Readonly<Record<string, Said>> = { "mainhub:signed-in": "signed-in", "mainhub:signin-failed": "failed" };

/** Returns *path* (with what it asks for) so that it leads back to *location*, in a popup of *tab* or here. */
export function wayIn(path: string, { pathname, search, hash }: Location, tab?: string): string {
	const [address = "", asked = ""] = path.split("?");
	const query = new URLSearchParams(asked);
	query.set("return_to", pathname + search + hash);
	query.delete("popup");
	query.delete("tab");
	if (tab !== undefined) {
		query.set("popup", "1");
		query.set("tab", tab);
	}
	return `${address}?${query}`;
}

/** Opens *url*, in a click; `false` when the browser does not let it. */
export function openPopup(page: Window, url: string, tab: string): boolean {
	const left = Math.max(0, Math.round(page.screenX + (page.outerWidth - WIDTH) / 2));
	const top = Math.max(0, Math.round(page.screenY + (page.outerHeight - HEIGHT) / 2));
	const features = `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`;
	// A name for each tab: another tab's popup is not taken away.
	const popup = page.open(url, `mainhub-signin-${tab}`, features);
	popup?.focus();
	return popup !== null;
}

/** Calls *hear* with what popups say, and whether it is that of *tab*; returns what ends it. */
export function hearPopups(tab: string, hear: (said: Said, isOwn: boolean) => void): () => void {
	const channel = new BroadcastChannel(CHANNEL);
	channel.onmessage = ({ data }: MessageEvent<unknown>) => {
		const said = isRecord(data) ? TYPES[String(data["type"])] : undefined;
		if (said !== undefined && isRecord(data)) {
			hear(said, data["state"] === tab);
		}
	};
	return () => channel.close();
}
