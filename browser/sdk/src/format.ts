/** Dates, times and counts as a French or an English reader writes them. */

import type { Locale } from "./contract.js";

/** The space that a line never breaks at: before ; : ! ? % in French, between a number and its unit. */
export const NBSP = "\u00a0";

const TAGS: Readonly<Record<Locale, string>> = { fr: "fr-FR", en: "en-GB" };

/** Returns the time of day: `14 h 32`, `14:32`. */
export function formatTime(date: Date, locale: Locale): string {
	const minutes = String(date.getMinutes()).padStart(2, "0");
	return locale === "fr"
		? `${date.getHours()}${NBSP}h${NBSP}${minutes}`
		: `${String(date.getHours()).padStart(2, "0")}:${minutes}`;
}

/** Returns the time of day with seconds, for protocols: `14:32:09`. */
export function formatClock(date: Date, locale: Locale): string {
	return new Intl.DateTimeFormat(TAGS[locale], { timeStyle: "medium" }).format(date);
}

/** Returns the day of the year: `Lundi 23 novembre`, `Monday 23 November`. */
export function formatDay(date: Date, locale: Locale): string {
	const words = new Intl.DateTimeFormat(TAGS[locale], {
		weekday: "long",
		day: "numeric",
		month: "long",
	})
		.format(date)
		.replace(",", "");
	return words.charAt(0).toLocaleUpperCase(TAGS[locale]) + words.slice(1);
}

/** Returns a date without time, given as `2026-11-24`: `24 nov.`, `24 Nov`. */
export function formatDate(isoDate: string, locale: Locale): string {
	const date = new Date(`${isoDate}T00:00:00`);
	if (Number.isNaN(date.getTime())) {
		return isoDate;
	}
	return new Intl.DateTimeFormat(TAGS[locale], { day: "numeric", month: "short" }).format(date).replaceAll(" ", NBSP);
}

/** Returns a whole number with its groups: `12 400`, `12,400`. */
export function formatCount(count: number, locale: Locale): string {
	return new Intl.NumberFormat(TAGS[locale]).format(count);
}

/** Returns a duration in seconds with one decimal: `8,0 s`, `8.0 s`. */
export function formatSeconds(seconds: number, locale: Locale): string {
	const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
	return `${new Intl.NumberFormat(TAGS[locale], digits).format(seconds)}${NBSP}s`;
}

/** Returns names joined as in a sentence: `Admin, Editor ou Employee`, `Admin, Editor or Employee`. */
export function formatChoice(names: readonly string[], locale: Locale): string {
	return new Intl.ListFormat(TAGS[locale], { type: "disjunction" }).format(names);
}
