/** Finds cards by the words that a person would use for them. */

import type { Application, Locale, WidgetEntry } from "@mainhub/sdk";

/** Returns those of *entries* in which every word of *query* occurs; accents and case make no difference. */
export function found(
	entries: readonly WidgetEntry[],
	query: string,
	locale: Locale,
	frontends: readonly Application[],
): readonly WidgetEntry[] {
	const words = plain(query).split(/\s+/).filter(Boolean);
	return entries.filter((entry) => {
		const owner = frontends.find((frontend) => frontend.name === entry.frontend);
		const text = plain(
			[entry.titles[locale], entry.summaries[locale], owner?.titles[locale] ?? "", entry.id].join(" "),
		);
		return words.every((word) => text.includes(word));
	});
}

function plain(text: string): string {
	return text
		.normalize("NFD")
		.replace(/\p{Diacritic}/gu, "")
		.toLocaleLowerCase();
}
