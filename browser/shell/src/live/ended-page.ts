/** What stands in a tab whose session is over: why, who ended it, what became of the work, what to do. */

import { formatTime } from "@mainhub/sdk/core";
import { element, icon, ring } from "../element.js";
import type { Preferences } from "../preferences.js";
import { signInUrl } from "../sign-in/again.js";
import type { EndReason } from "./wire.js";
import { liveWords } from "./words.js";

export interface EndedPage {
	readonly element: HTMLElement;
	readonly title: () => string;
	/** What it covers is still there, and comes back when the same person signs in. */
	readonly isCover: boolean;
}

export interface EndedParts {
	readonly preferences: Preferences;
	readonly page: Window;
	/** Signs in in a popup; called in a click. */
	readonly login: () => void;
}

/** Nobody meant the page to go: it ran out, or, while the computer slept, perhaps did. */
const COVERED: ReadonlySet<EndReason> = new Set(["expired", "unknown"]);

export function endedPage(reason: EndReason, by: string | null, parts: EndedParts): EndedPage {
	const { preferences, page } = parts;
	const isCover = COVERED.has(reason);
	const at = new Date();
	const title = () => liveWords(preferences).endedTitle;
	const made = wholePage("ended-page", preferences, () => {
		const words = liveWords(preferences);
		const href = signInUrl(page.location);
		return [
			element("p", { class: "row strong dim" }, ring("refused"), words.endedMark(formatTime(at, preferences.locale))),
			element("h1", {}, words.endedTitle),
			element("p", { class: "cause" }, words.ended[reason](by)),
			element("h2", { class: "h3t" }, words.whatNow),
			list(words.saved, isCover ? words.covered : words.unsaved),
			element(
				"p",
				{ class: "acts" },
				isCover ? inPopup(words.signInAgain, href, parts.login) : inPage(words.signInAgain, href),
			),
			element("p", { class: "small dim" }, isCover ? words.uncover : words.comeBack),
		];
	});
	made.dataset["reason"] = reason;
	return { element: made, title, isCover };
}

function inPage(label: string, href: string): HTMLElement {
	return element("a", { class: "b b-go b-lg", href, "data-testid": "sign-in-again" }, icon("person"), label);
}

/** A link all the same: with the middle button it opens a tab. */
function inPopup(label: string, href: string, login: () => void): HTMLElement {
	const link = inPage(label, href);
	link.addEventListener("click", (event) => {
		if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
			event.preventDefault();
			login();
		}
	});
	return link;
}

/** Returns what stands where another person has signed in since; *name* is whose page this was. */
export function otherPersonPage(name: string, preferences: Preferences, page: Window): EndedPage {
	const title = () => liveWords(preferences).otherTitle;
	const made = wholePage("other-person-page", preferences, () => {
		const words = liveWords(preferences);
		const reload = () => page.location.reload();
		return [
			element("p", { class: "row strong dim" }, ring("refused"), words.endedTitle),
			element("h1", {}, words.otherTitle),
			element("p", { class: "cause" }, words.otherCause(name)),
			element("h2", { class: "h3t" }, words.whatNow),
			list(words.unsaved, words.otherNext),
			element(
				"p",
				{ class: "acts" },
				element("button", { class: "b b-go b-lg", type: "button", onclick: reload }, icon("redo"), words.reload),
			),
		];
	});
	return { element: made, title, isCover: false };
}

function wholePage(testId: string, preferences: Preferences, draw: () => readonly Node[]): HTMLElement {
	const section = element("section", { class: "own-page" });
	const main = element("main", { class: "sheet over", id: "main", tabindex: "-1", "data-testid": testId }, section);
	preferences.watch(() => section.replaceChildren(...draw()));
	return main;
}

function list(...lines: readonly string[]): HTMLElement {
	return element("ul", { class: "dots-list" }, ...lines.map((line) => element("li", {}, line)));
}
