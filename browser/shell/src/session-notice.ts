/** Says that the session has ended, and stays until the person signs in or puts it away. */

import { element, icon, ring } from "./element.js";
import type { Preferences } from "./preferences.js";
import { signInUrl } from "./session.js";

export interface SessionNotice {
	readonly show: () => void;
	/** The hub knows the person after all: they signed in elsewhere. */
	readonly hide: () => void;
}

/** Returns the notice; it appears in *corner*. */
export function sessionNotice(corner: HTMLElement, preferences: Preferences, page: Window): SessionNotice {
	const text = element("p", {});
	const link = element("a", { class: "b", "data-testid": "sign-in-again" });
	const notice = element("div", { class: "toast", "data-testid": "session-ended" }, ring("degraded"), text, link);
	const close = element("button", { class: "ib", type: "button", onclick: () => notice.remove() }, icon("cross"));
	notice.append(close);
	const aim = () => link.setAttribute("href", signInUrl(page.location));
	// The address may have changed since the notice appeared.
	for (const moment of ["pointerdown", "focus", "click"]) {
		link.addEventListener(moment, aim);
	}
	preferences.watch(() => {
		const { words } = preferences;
		text.replaceChildren(words.sessionEnded);
		link.replaceChildren(words.signIn);
		close.setAttribute("aria-label", words.dismiss);
	});
	return {
		show: () => {
			if (!notice.isConnected) {
				aim();
				corner.append(notice);
			}
		},
		hide: () => notice.remove(),
	};
}
