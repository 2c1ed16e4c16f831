/** Starts the hub in the page. */

import { readBoot } from "./boot.js";
import { element } from "./element.js";
import { Hub } from "./hub.js";
import { en } from "./i18n/en.js";
import { fr } from "./i18n/fr.js";

/** Says that the page cannot start: without boot data, language and theme are the document's. */
function refuseToStart(root: HTMLElement, error: unknown): void {
	const words = document.documentElement.lang === "fr" ? fr : en;
	const reload = element(
		"button",
		{ class: "b b-go b-lg", type: "button", onclick: () => window.location.reload() },
		words.reload,
	);
	const text = element("p", { class: "cause" }, words.bootText);
	root.replaceChildren(element("main", { class: "own-page" }, element("h1", {}, words.bootTitle), text, reload));
	console.error(error);
}

const root = document.getElementById("mainhub-root") ?? document.body;
try {
	new Hub(root, readBoot(document)).start();
} catch (error) {
	refuseToStart(root, error);
}
