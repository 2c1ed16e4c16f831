/** Short messages in the corner, said politely and gone by themselves. */

import type { NotifyKind, RingState } from "@mainhub/sdk/core";
import { element, icon, ring } from "./element.js";
import type { Preferences } from "./preferences.js";

const SECONDS = 6;
/** More than these at once nobody reads. */
const MOST = 4;
const RING: Readonly<Record<NotifyKind, RingState>> = {
	info: "none",
	success: "fine",
	warning: "degraded",
	error: "failed",
};

export interface Toasts {
	readonly element: HTMLElement;
	readonly show: (message: string, kind?: NotifyKind, more?: ToastMore) => void;
}

export interface ToastMore {
	/** Who says so. */
	readonly from?: string;
	/** What may be done; such a message stays until it is put away. */
	readonly action?: { readonly label: string; readonly run: () => void };
}

export function toasts(preferences: Preferences): Toasts {
	const corner = element("div", { class: "toasts", role: "region", "aria-live": "polite", "data-testid": "toasts" });
	preferences.watch(() => corner.setAttribute("aria-label", preferences.words.notifications));
	const show = (message: string, kind: NotifyKind = "info", { from, action }: ToastMore = {}) => {
		const text = element("p", {}, message);
		if (from !== undefined) {
			text.append(element("small", { class: "small dim" }, from));
		}
		const toast = element("div", { class: "toast" }, ring(RING[kind]), text);
		let timer = 0;
		const close = () => toast.remove();
		const start = () => {
			if (action !== undefined) {
				return;
			}
			timer = window.setTimeout(close, SECONDS * 1000);
		};
		if (action !== undefined) {
			toast.append(element("button", { class: "b", type: "button", onclick: action.run }, action.label));
		}
		toast.append(
			element(
				"button",
				{ class: "ib", type: "button", "aria-label": preferences.words.dismiss, onclick: close },
				icon("cross"),
			),
		);
		toast.addEventListener("pointerenter", () => clearTimeout(timer));
		toast.addEventListener("pointerleave", start);
		for (const older of [...corner.querySelectorAll(":scope > [data-passing]")].slice(0, -(MOST - 1))) {
			older.remove();
		}
		toast.toggleAttribute("data-passing", action === undefined);
		corner.append(toast);
		start();
	};
	return { element: corner, show };
}
