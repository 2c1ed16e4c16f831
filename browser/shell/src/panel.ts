/** What stands in the place of a front-end that did not load, and above one that failed later. */

import { formatClock, formatSeconds } from "@mainhub/sdk/core";
import type { Attempt } from "./attempt.js";
import type { Limits } from "./boot.js";
import { element, icon, ring } from "./element.js";
import type { FrontendFailure, Step } from "./failure.js";
import type { Preferences } from "./preferences.js";
import type { Slot } from "./slot.js";
import { traceLine } from "./trace-line.js";

type PanelLimits = Pick<Limits, "loadSeconds" | "mountSeconds">;

/** Returns the panel: the cause in plain words, what is not lost, what can be done. */
export function failurePanel(
	slot: Slot,
	attempt: Attempt,
	failure: FrontendFailure,
	preferences: Preferences,
	limits: PanelLimits,
): HTMLElement {
	const panel = element("section", { class: "slot", "data-testid": "failure-panel", "data-kind": failure.kind });
	preferences.watch(() => {
		panel.replaceChildren(words(slot, attempt, failure, preferences, limits), art());
	}, gone(panel));
	return panel;
}

/** Returns the banner above a front-end that goes on after an error. */
export function lateBanner(slot: Slot, preferences: Preferences): HTMLElement {
	const banner = element("div", { class: "banner", role: "status", "data-testid": "late-banner" });
	preferences.watch(() => {
		const { words: say, locale } = preferences;
		const restart = element(
			"button",
			{ class: "b", type: "button", onclick: (event) => retry(event, slot) },
			say.restart,
		);
		const dismiss = element(
			"button",
			{ class: "ib", type: "button", "aria-label": say.dismiss, onclick: () => banner.remove() },
			icon("cross"),
		);
		const text = element("p", {}, element("b", {}, say.lateTitle(slot.frontend.titles[locale])), ` ${say.lateText}`);
		banner.replaceChildren(ring("degraded"), text, restart, dismiss);
	}, gone(banner));
	return banner;
}

function words(
	slot: Slot,
	attempt: Attempt,
	failure: FrontendFailure,
	preferences: Preferences,
	limits: PanelLimits,
): HTMLElement {
	const { words: say, locale } = preferences;
	const name = slot.frontend.titles[locale];
	const seconds = failure.kind === "mount-timeout" ? limits.mountSeconds : limits.loadSeconds;
	const tries = attempt.steps.filter((step) => step.phase === "load").length;
	const cause = say.cause[failure.kind]({ status: failure.status, tries, seconds });
	const again = element(
		"button",
		{ class: "b b-go b-lg", type: "button", onclick: (event) => retry(event, slot) },
		icon("redo"),
		say.retry,
	);
	const home = element("a", { class: "b b-lg", href: "/" }, icon("home"), say.home);
	return element(
		"div",
		{},
		element("p", { class: "row dim" }, element("span", { class: "tile" }, icon(slot.frontend.icon)), name),
		element("h1", {}, say.failedTitle(name)),
		element("p", { class: "cause" }, `${cause} ${say.notLost}`),
		element("div", { class: "acts" }, again, home),
		element(
			"details",
			{ open: true },
			element("summary", {}, icon("right"), say.whatHappened),
			element("ol", { class: "try" }, ...attempt.steps.map((step) => stepLine(step, preferences))),
			traceLine(attempt.traceId, preferences),
		),
	);
}

/** The button goes with the panel: without this the focus would be nowhere. */
function retry(event: Event, slot: Slot): void {
	if (event.target instanceof Element) {
		event.target.closest<HTMLElement>("main")?.focus();
	}
	slot.retry();
}

function stepLine(step: Step, preferences: Preferences): HTMLElement {
	const { words: say, locale } = preferences;
	const phase = step.phase === "load" ? say.stepLoad : say.stepMount;
	const status = step.failure?.status == null ? "" : ` (${step.failure.status})`;
	const outcome = step.failure === null ? say.stepDone : say.outcome[step.failure.kind] + status;
	return element(
		"li",
		{},
		element("time", {}, formatClock(step.at, locale)),
		ring(step.failure === null ? "fine" : "failed"),
		element("span", {}, phase + say.colon + outcome),
		element("span", {}, formatSeconds(step.seconds, locale)),
	);
}

/** The place of a drawing that comes when it can: the words do not wait for it. */
function art(): HTMLElement {
	const figure = element("figure", { "aria-hidden": "true" });
	import("./broken-hub.js").then(
		({ brokenHub }) => figure.replaceChildren(brokenHub()),
		() => {},
	);
	return figure;
}

/** Returns a signal that is aborted once *part* is no longer in the page. */
function gone(part: HTMLElement): AbortSignal {
	const end = new AbortController();
	const observer = new MutationObserver(() => {
		if (!part.isConnected) {
			observer.disconnect();
			end.abort();
		}
	});
	observer.observe(document.body, { childList: true, subtree: true });
	return end.signal;
}
