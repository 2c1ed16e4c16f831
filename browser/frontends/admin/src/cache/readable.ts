/** Sizes, times and counts of the cache as people read them. */

import { formatCount, type Locale, NBSP } from "@mainhub/sdk";
import { duration, percent } from "../resilience/readable.js";

const UNITS: Readonly<Record<Locale, readonly string[]>> = {
	en: ["bytes", "KiB", "MiB", "GiB"],
	fr: ["octets", "Kio", "Mio", "Gio"],
};
const HOUR = 3600;

/** Returns `812 bytes`, `1.4 MiB`. */
export function size(bytes: number, locale: Locale): string {
	const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
	const value = bytes / 1024 ** power;
	const digits = power === 0 || value >= 100 ? 0 : 1;
	const tag = locale === "fr" ? "fr-FR" : "en-GB";
	const told = new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value);
	const unit = bytes === 1 ? (locale === "fr" ? "octet" : "byte") : UNITS[locale][power];
	return `${told}${NBSP}${unit}`;
}

/** Returns `8 s`, `4 min 12 s`, `11 h 40 min`. */
export function lasting(seconds: number, locale: Locale): string {
	const whole = Math.round(Math.abs(seconds));
	if (whole < HOUR) {
		return duration(whole, locale);
	}
	const minutes = Math.round((whole % HOUR) / 60);
	const rest = minutes === 0 ? "" : ` ${minutes}${NBSP}min`;
	return `${formatCount(Math.floor(whole / HOUR), locale)}${NBSP}h${rest}`;
}

/** Returns a share of one: `97%`, `97 %`; never 100 % or 0 % of what is not quite so. */
export function share(part: number, locale: Locale): string {
	const near = Math.round(part * 100);
	const whole = near === 100 && part < 1 ? 99 : near === 0 && part > 0 ? 1 : near;
	return locale === "fr" ? `${percent(whole / 100, locale)}${NBSP}%` : `${percent(whole / 100, locale)}%`;
}
