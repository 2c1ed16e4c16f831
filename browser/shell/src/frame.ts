/** The page around the front-ends: skip link, bar, navigation, the sheet that they lie on. */

import { accountMenu } from "./account.js";
import type { Boot, FrontendEntry } from "./boot.js";
import { drawing, element } from "./element.js";
import type { FrontendList } from "./frontends.js";
import { applicationsSheet, type Navigation, sideNavigation, tabBar } from "./nav.js";
import type { Preferences } from "./preferences.js";
import type { SlotState } from "./slot.js";
import { type Toasts, toasts } from "./toasts.js";

export interface Frame {
	readonly main: HTMLElement;
	readonly toasts: Toasts;
	/** A line above the sheet, for what concerns all of it; empty most of the time. */
	readonly strip: HTMLElement;
	/** Shows where the person is; *title* names it. */
	readonly arrive: (frontend: FrontendEntry | null, title: string) => void;
	readonly entitle: (title: string) => void;
	/** Says *words* to those who do not see the page change. */
	readonly announce: (words: string) => void;
	readonly state: (frontend: FrontendEntry, state: SlotState) => void;
}

export interface FrameParts {
	readonly boot: Boot;
	readonly preferences: Preferences;
	readonly frontends: FrontendList;
	readonly signOut: () => void;
}

/** Builds the page into *root*. */
export function buildFrame(root: HTMLElement, { boot, preferences, frontends, signOut }: FrameParts): Frame {
	const main = element("main", { class: "sheet", id: "main", tabindex: "-1" });
	const crumb = element("span", { "aria-current": "page" });
	const account = accountMenu(boot, preferences, signOut);
	const corner = toasts(preferences);
	const strip = element("div", { class: "strip", role: "status", "data-testid": "strip" });
	const announcer = element("p", { class: "sr", role: "status", "data-testid": "announcer" });
	const side = sideNavigation(frontends, preferences);
	const sheet = applicationsSheet(frontends, preferences);
	const tabs = tabBar(preferences, {
		applications: () => sheet.element.showModal(),
		account: account.toggle,
	});
	const navigations: readonly Navigation[] = [side, sheet, tabs];
	const header = bar(boot, preferences, crumb, account.button);
	const shell = element("div", { class: "shell" }, header, side.element, strip, main);
	root.replaceChildren(
		skipLink(preferences, main),
		shell,
		tabs.element,
		account.popup,
		sheet.element,
		corner.element,
		announcer,
	);
	const entitle = (title: string) => {
		crumb.replaceChildren(title);
		document.title = `${title} · MainHub`;
	};
	return {
		main,
		toasts: corner,
		strip,
		entitle,
		announce: (words) => announcer.replaceChildren(words),
		state: (frontend, state) => {
			for (const navigation of navigations) {
				navigation.state(frontend, state);
			}
		},
		arrive: (frontend, title) => {
			for (const navigation of navigations) {
				navigation.mark(frontend);
			}
			entitle(title);
		},
	};
}

function skipLink(preferences: Preferences, main: HTMLElement): HTMLElement {
	const skip = element("a", { class: "skip", href: "#main" });
	skip.addEventListener("click", (event) => {
		event.preventDefault();
		main.focus();
	});
	preferences.watch(() => skip.replaceChildren(preferences.words.skip));
	return skip;
}

function bar(boot: Boot, preferences: Preferences, crumb: HTMLElement, account: HTMLElement): HTMLElement {
	const crumbs = element("nav", { class: "crumbs" }, crumb);
	preferences.watch(() => crumbs.setAttribute("aria-label", preferences.words.breadcrumb));
	const end = element("div", { class: "bar-end" }, ...development(boot, preferences), account);
	return element("header", { class: "bar" }, brand(preferences), crumbs, end);
}

function brand(preferences: Preferences): HTMLElement {
	const mark = drawing("mark", "0 0 24 24", [
		{ d: "M9.2 3.44A9 9 0 1 0 20.56 14.8M14.6 9.4l1.2-1.2" },
		{
			class: "f",
			d: "M9.3 12a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0zM15.2 6.500a2.3 2.3 0 1 0 4.6 0a2.3 2.3 0 1 0-4.6 0z",
		},
	]);
	const link = element("a", { class: "brand", href: "/" }, mark, element("span", {}, "MainHub"));
	preferences.watch(() => link.setAttribute("aria-label", `MainHub, ${preferences.words.home}`));
	return link;
}

function development(boot: Boot, preferences: Preferences): HTMLElement[] {
	if (boot.mode !== "development") {
		return [];
	}
	const marker = element("span", { class: "tag development", "data-testid": "development" });
	preferences.watch(() => marker.replaceChildren(preferences.words.development));
	return [marker];
}
