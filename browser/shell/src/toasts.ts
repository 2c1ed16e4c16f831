/** Short messages in the corner, said politely and gone by themselves. */

import type { NotifyKind, RingState } from "@mainhub/sdk/core";
import { element, icon, ring } from "./element.js";
import type { Preferences } from "./preferences.js";

const SECONDS = 6;
const RING: Readonly<Record<NotifyKind, RingState>> = {
	info: "none",
	success: "fine",
	warning: "degraded",
	error: "failed",
};

export interface Toasts {
	readonly element: HTMLElement;
	readonly show: (message: string, kind?: NotifyKind) => void;
}

export function toasts(preferences: Preferences): Toasts {
	const corner = element("div", { class: "toasts", role: "region", "aria-live": "polite", "data-testid": "toasts" });
	preferences.watch(() => corner.setAttribute("aria-label", preferences.words.notifications));
	const show = (message: string, kind: NotifyKind = "info") => {
		const toast = element("div", { class: "toast" }, ring(RING[kind]), element("p", {}, message));
		let timer = 0;
		const close = () => toast.remove();
		const start = () => {
			timer = window.setTimeout(close, SECONDS * 1000);
		};
		toast.append(
			element(
				"button",
				{ class: "ib", type: "button", "aria-label": preferences.words.dismiss, onclick: close },
				icon("cross"),
			),
		);
		toast.addEventListener("pointerenter", () => clearTimeout(timer));
		toast.addEventListener("pointerleave", start);
		corner.append(toast);
		start();
	};
	return { element: corner, show };
}
