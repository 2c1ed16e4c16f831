/** Pages of the shell itself: what may not be opened, what does not exist. */

import { formatChoice, grantedRoles } from "@mainhub/sdk/core";
import type { Boot } from "./boot.js";
import { element, icon, ring } from "./element.js";
import type { Preferences } from "./preferences.js";
import { traceLine } from "./trace-line.js";

/**
 * Returns the page that stands instead of a front-end, or `null`. An address that the server found
 * but that nobody here owns (*isOwned*) is not found either: the page is never left empty.
 */
export function ownPage(boot: Boot, preferences: Preferences, isOwned: boolean): HTMLElement | null {
	if (boot.refused === null && !boot.notFound && isOwned) {
		return null;
	}
	const page = element("section", {
		class: "own-page",
		"data-testid": boot.refused === null ? "not-found-page" : "refused-page",
	});
	preferences.watch(() => {
		page.replaceChildren(...(boot.refused === null ? notFound(boot, preferences) : refused(boot, preferences)));
	});
	return page;
}

/** Returns the title of that page. */
export function ownTitle(boot: Boot, preferences: Preferences): string {
	const { words, locale } = preferences;
	return boot.refused === null ? words.notFoundTitle : words.refusedTitle(boot.refused.titles[locale]);
}

function refused(boot: Boot, preferences: Preferences): Node[] {
	const { words, locale } = preferences;
	const needs = formatChoice(boot.refused?.needs ?? [], locale);
	const roles = grantedRoles(boot.user);
	const yours = roles.length === 0 ? words.refusedNone : words.refusedYours(roles.join(", "));
	const ask = boot.support === null ? words.askAnybody : words.askSupport(boot.support);
	return [
		element("p", { class: "row strong dim" }, ring("refused"), words.refusedMark),
		element("h1", {}, ownTitle(boot, preferences)),
		element("p", { class: "cause" }, `${words.refusedText(needs)} ${yours}`),
		element("h2", { class: "h3t" }, words.whatHelps),
		element(
			"ol",
			{ class: "steps" },
			element("li", {}, element("span", {}, ask)),
			element("li", {}, element("span", {}, words.refusedAfter)),
		),
		homeLink(preferences),
		traceLine(boot.traceId, preferences),
	];
}

function notFound(boot: Boot, preferences: Preferences): Node[] {
	const { words } = preferences;
	return [
		element("h1", {}, words.notFoundTitle),
		element("p", { class: "cause" }, words.notFoundText),
		element(
			"dl",
			{ class: "kv well" },
			element("dt", {}, words.address),
			element("dd", { class: "mono" }, location.pathname),
		),
		homeLink(preferences),
		traceLine(boot.traceId, preferences),
	];
}

function homeLink(preferences: Preferences): HTMLElement {
	return element(
		"p",
		{ class: "acts" },
		element("a", { class: "b b-go b-lg", href: "/" }, icon("home"), preferences.words.home),
	);
}
