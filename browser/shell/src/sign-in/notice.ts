/** Says that the session has ended, and stays until the person signs in or puts it away. */

import { element, icon, ring } from "../element.js";
import type { Preferences } from "../preferences.js";
import { signInUrl } from "./again.js";
import { signInWords } from "./words.js";

export interface SessionNotice {
	readonly show: () => void;
	/** The hub knows the person after all: they signed in elsewhere. */
	readonly hide: () => void;
}

/** Returns the notice; it appears in *corner*. *login* signs in in a popup, where there is one. */
export function sessionNotice(
	corner: HTMLElement,
	preferences: Preferences,
	page: Window,
	login: (() => void) | null = null,
): SessionNotice {
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
	link.addEventListener("click", (event) => {
		if (login !== null) {
			event.preventDefault();
			login();
		}
	});
	preferences.watch(() => {
		const words = signInWords(preferences);
		text.replaceChildren(words.ended);
		link.replaceChildren(words.signedOut.go);
		close.setAttribute("aria-label", preferences.words.dismiss);
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
