/** Times of today as a time, those before with their day. */

import type { Locale } from "./contract.js";
import { formatDate, formatTime } from "./format.js";

/** Returns `14:32`, or `21 Nov 14:32` when that was not on the day of *now*. */
export function formatMoment(date: Date, locale: Locale, now: Date = new Date()): string {
	const time = formatTime(date, locale);
	if (date.toDateString() === now.toDateString()) {
		return time;
	}
	const two = (value: number) => String(value).padStart(2, "0");
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${formatDate(day, locale)} ${time}`;
}
