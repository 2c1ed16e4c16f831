/** What stands in the place of a widget that does not display, and above one that failed later. */

import type { Attempt } from "../attempt.js";
import type { Limits } from "../boot.js";
import { element, icon, ring } from "../element.js";
import type { FrontendFailure } from "../failure.js";
import type { Preferences } from "../preferences.js";
import { traceLine } from "../trace-line.js";

export interface CardFacts {
	readonly title: () => string;
	readonly attempt: Attempt;
	readonly failure: FrontendFailure;
	readonly limits: Pick<Limits, "loadSeconds" | "mountSeconds">;
	readonly retry: () => void;
	/** Aborted when the card goes. */
	readonly signal: AbortSignal;
}

export function failureCard(
	{ title, attempt, failure, limits, retry, signal }: CardFacts,
	preferences: Preferences,
): HTMLElement {
	const card = element("section", { class: "widget-card", "data-testid": "widget-failure", "data-kind": failure.kind });
	const seconds = failure.kind === "mount-timeout" ? limits.mountSeconds : limits.loadSeconds;
	const tries = attempt.steps.filter((step) => step.phase === "load").length;
	preferences.watch(() => {
		const { words } = preferences;
		const cause = words.cause[failure.kind]({ status: failure.status, tries, seconds });
		card.replaceChildren(
			element("h2", { class: "h3t row" }, ring("failed"), words.failedTitle(title())),
			element("p", {}, cause),
			element("p", {}, element("button", { class: "b", type: "button", onclick: retry }, icon("redo"), words.retry)),
			traceLine(attempt.traceId, preferences),
		);
	}, signal);
	return card;
}

export interface NoteFacts {
	readonly title: () => string;
	readonly restart: () => void;
	readonly signal: AbortSignal;
}

export function lateNote({ title, restart, signal }: NoteFacts, preferences: Preferences): HTMLElement {
	const note = element("div", { class: "banner", role: "status", "data-testid": "widget-late" });
	preferences.watch(() => {
		const { words } = preferences;
		note.replaceChildren(
			ring("degraded"),
			element("p", {}, words.lateTitle(title())),
			element("button", { class: "b", type: "button", onclick: restart }, words.restart),
		);
	}, signal);
	return note;
}
