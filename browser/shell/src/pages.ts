/** Pages of the shell itself: what may not be opened, what does not exist. */

import type { Boot } from "./boot.js";
import { element } from "./element.js";
import type { Preferences } from "./preferences.js";

/**
 * Returns the page that stands instead of a front-end, or `null`. An address that the server found
 * but that nobody here owns (*isOwned*) is not found either: the page is never left empty. Its title
 * stands at once, the rest as soon as it is loaded.
 */
export function ownPage(boot: Boot, preferences: Preferences, isOwned: boolean): HTMLElement | null {
	if (boot.refused === null && !boot.notFound && isOwned) {
		return null;
	}
	const title = element("h1");
	const page = element(
		"section",
		{ class: "own-page", "data-testid": boot.refused === null ? "not-found-page" : "refused-page" },
		title,
	);
	preferences.watch(() => title.replaceChildren(ownTitle(boot, preferences)));
	import("./own-page/content.js").then(
		({ pageContent }) => preferences.watch(() => page.replaceChildren(...pageContent(boot, preferences, title))),
		(error: unknown) => console.warn("The rest of the page did not load:", error),
	);
	return page;
}

/** Returns the title of that page. */
export function ownTitle(boot: Boot, { words, locale }: Preferences): string {
	return boot.refused === null ? words.notFoundTitle : words.refusedTitle(boot.refused.titles[locale]);
}
