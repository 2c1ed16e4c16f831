/** What stands in a page that cannot start: without boot data, language and theme are the document's. */

import { element } from "./element.js";

const WORDS = {
	en: {
		title: "The hub could not start in this page",
		text: "What the server sent does not fit this page. Reloading fetches both anew.",
		reload: "Reload",
	},
	fr: {
		title: "Le hub n’a pas pu démarrer dans cette page",
		text: "Ce que le serveur a envoyé ne correspond pas à cette page. La recharger les remet d’accord.",
		reload: "Recharger",
	},
};

export function refuseToStart(root: HTMLElement): void {
	const words = WORDS[document.documentElement.lang === "fr" ? "fr" : "en"];
	const reload = element(
		"button",
		{ class: "b b-go b-lg", type: "button", onclick: () => window.location.reload() },
		words.reload,
	);
	const text = element("p", { class: "cause" }, words.text);
	root.replaceChildren(element("main", { class: "own-page" }, element("h1", {}, words.title), text, reload));
}
