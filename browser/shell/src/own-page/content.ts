/** What the shell's own pages say below their title: loaded only by a page that needs it. */

import { formatChoice, grantedRoles } from "@mainhub/sdk/core";
import type { Boot } from "../boot.js";
import { element, icon, ring } from "../element.js";
import type { Preferences } from "../preferences.js";
import { traceLine } from "../trace-line.js";
import { en, type PageWords } from "./words-en.js";
import { fr } from "./words-fr.js";

/** Returns the page around *title*, in the language now chosen. */
export function pageContent(boot: Boot, preferences: Preferences, title: HTMLElement): Node[] {
	return boot.refused === null ? notFound(boot, preferences, title) : refused(boot, preferences, title);
}

function pageWords({ locale }: Preferences): PageWords {
	return locale === "fr" ? fr : en;
}

function refused(boot: Boot, preferences: Preferences, title: HTMLElement): Node[] {
	const { locale } = preferences;
	const words = pageWords(preferences);
	const needs = formatChoice(boot.refused?.needs ?? [], locale);
	const roles = grantedRoles(boot.user);
	const yours = roles.length === 0 ? words.refusedNone : words.refusedYours(roles.join(", "));
	const ask = boot.support === null ? words.askAnybody : words.askSupport(boot.support);
	return [
		element("p", { class: "row strong dim" }, ring("refused"), words.refusedMark),
		title,
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

function notFound(boot: Boot, preferences: Preferences, title: HTMLElement): Node[] {
	const words = pageWords(preferences);
	return [
		title,
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
