/** The shape of a page that is still on its way. */

import { element } from "./element.js";

export function skeleton(): HTMLElement {
	return element(
		"div",
		{ class: "place-skeleton", "aria-hidden": "true" },
		...[1, 2, 3].map(() => element("span", {})),
	);
}
