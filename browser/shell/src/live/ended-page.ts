/** What stands in a tab whose session is over: why, who ended it, what became of the work, what to do. */

import { formatTime } from "@mainhub/sdk/core";
import { element, icon, ring } from "../element.js";
import type { Preferences } from "../preferences.js";
import { signInUrl } from "../session.js";
import type { EndReason } from "./wire.js";
import { liveWords } from "./words.js";

export interface EndedPage {
	readonly element: HTMLElement;
	readonly title: () => string;
}

export function endedPage(reason: EndReason, by: string | null, preferences: Preferences, page: Window): EndedPage {
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
			list(words.saved, words.unsaved),
			element(
				"p",
				{ class: "acts" },
				element("a", { class: "b b-go b-lg", href, "data-testid": "sign-in-again" }, icon("person"), words.signInAgain),
			),
			element("p", { class: "small dim" }, words.comeBack),
		];
	});
	made.dataset["reason"] = reason;
	return { element: made, title };
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
	return { element: made, title };
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
