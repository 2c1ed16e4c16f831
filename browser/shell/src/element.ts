/** Makes elements without ever parsing text: what is given as a text stays a text. */

import { iconPath, RINGS, type RingState } from "@mainhub/sdk/core";

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

const SVG = "http://www.w3.org/2000/svg";

/** Returns a new element; functions among *attributes* are listeners (`onclick`), `true` is an empty attribute. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	attributes: Attributes = {},
	...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === "function") {
			made.addEventListener(name.slice(2), value);
		} else if (value !== false) {
			made.setAttribute(name, value === true ? "" : value);
		}
	}
	made.append(...children);
	return made;
}

/** Returns the icon called *name*, silent to screen readers. */
export function icon(name: string): SVGElement {
	return drawing("i", "0 0 20 20", [{ d: iconPath(name) }]);
}

/** Returns a state ring; without *label* it is silent to screen readers. */
export function ring(state: RingState, label = ""): SVGElement {
	const { line, area, dashes } = RINGS[state];
	const made = drawing(`ring ring-${state}`, "0 0 16 16", [
		{ d: line },
		...(area === undefined ? [] : [{ d: area, class: "f" }]),
		...(dashes === undefined ? [] : [{ d: dashes, class: "dashes" }]),
	]);
	if (label !== "") {
		made.removeAttribute("aria-hidden");
		made.setAttribute("role", "img");
		made.setAttribute("aria-label", label);
	}
	return made;
}

/** Returns an SVG drawing made of *paths*. */
export function drawing(
	className: string,
	viewBox: string,
	paths: readonly Readonly<Record<string, string>>[],
): SVGElement {
	const made = document.createElementNS(SVG, "svg");
	made.setAttribute("class", className);
	made.setAttribute("viewBox", viewBox);
	made.setAttribute("aria-hidden", "true");
	for (const attributes of paths) {
		const path = document.createElementNS(SVG, "path");
		for (const [name, value] of Object.entries(attributes)) {
			path.setAttribute(name, value);
		}
		made.append(path);
	}
	return made;
}
