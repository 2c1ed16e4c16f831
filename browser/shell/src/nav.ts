/** The ways to the front-ends: the list at the side, the tabs and the sheet of a phone. */

import type { FrontendEntry } from "./boot.js";
import { element, icon, ring } from "./element.js";
import type { Preferences } from "./preferences.js";
import { firstPath } from "./routes.js";
import type { SlotState } from "./slot.js";

/** Marks where the person is, and what does not display. */
export interface Navigation {
	readonly element: HTMLElement;
	readonly mark: (current: FrontendEntry | null) => void;
	readonly state: (frontend: FrontendEntry, state: SlotState) => void;
}

/** Returns the navigation at the side. */
export function sideNavigation(frontends: readonly FrontendEntry[], preferences: Preferences): Navigation {
	const list = linkList(frontends, preferences);
	const nav = element("nav", { class: "nav", "data-testid": "navigation" }, list.element);
	preferences.watch(() => nav.setAttribute("aria-label", preferences.words.applications));
	return { ...list, element: nav };
}

/** Returns the sheet that lists all applications on a phone; `showModal` opens it. */
export function applicationsSheet(
	frontends: readonly FrontendEntry[],
	preferences: Preferences,
): Navigation & { readonly element: HTMLDialogElement } {
	const list = linkList(frontends, preferences);
	const title = element("h2", { id: "applications-title" });
	const close = element("button", { class: "ib", type: "button", onclick: () => sheet.close() }, icon("cross"));
	const sheet = element(
		"dialog",
		{ class: "sheet-up", "aria-labelledby": "applications-title", "data-testid": "applications" },
		element("div", { class: "sheet-up-head" }, title, close),
		element("nav", { "aria-labelledby": "applications-title" }, list.element),
	);
	sheet.addEventListener("click", (event) => {
		const onLink = event.target instanceof Element && event.target.closest("a") !== null;
		if (onLink || event.target === sheet) {
			sheet.close();
		}
	});
	preferences.watch(() => {
		title.replaceChildren(preferences.words.applications);
		close.setAttribute("aria-label", preferences.words.close);
	});
	return { ...list, element: sheet };
}

/** Returns the tabs of a phone: home, all applications, account. */
export function tabBar(
	frontends: readonly FrontendEntry[],
	preferences: Preferences,
	open: { readonly applications: () => void; readonly account: (tab: HTMLElement) => void },
): Navigation {
	const home = element("a", { href: "/" });
	const applications = element("button", {
		type: "button",
		"aria-haspopup": "dialog",
		onclick: () => open.applications(),
	});
	const account = element("button", { type: "button", "aria-haspopup": "true", onclick: () => open.account(account) });
	const bar = element("nav", { class: "tabbar", "data-testid": "tabs" }, home, applications, account);
	preferences.watch(() => {
		const { words } = preferences;
		bar.setAttribute("aria-label", words.mainNavigation);
		home.replaceChildren(icon("home"), words.home);
		applications.replaceChildren(icon("apps"), words.applications);
		account.replaceChildren(icon("person"), words.account);
	});
	const atHome = frontends.find((frontend) => firstPath(frontend) === "/");
	return {
		element: bar,
		mark: (current) => setCurrent(home, current !== null && current === atHome),
		state: () => {},
	};
}

function linkList(frontends: readonly FrontendEntry[], preferences: Preferences): Navigation {
	const list = element("ul", {});
	const links = new Map(frontends.map((frontend) => [frontend.name, link(frontend, preferences)]));
	list.append(...[...links.values()].map((one) => element("li", {}, one)));
	if (frontends.length === 0) {
		const nothing = element("li", { class: "nav-empty" });
		preferences.watch(() => nothing.replaceChildren(preferences.words.noApplications));
		list.append(nothing);
	}
	return {
		element: list,
		mark: (current) => {
			for (const [name, one] of links) {
				setCurrent(one, name === current?.name);
			}
		},
		state: (frontend, state) => {
			const one = links.get(frontend.name);
			one?.querySelector(".ring")?.remove();
			if (state === "failed") {
				one?.append(ring("failed", preferences.words.failed));
			}
		},
	};
}

function link(frontend: FrontendEntry, preferences: Preferences): HTMLAnchorElement {
	const title = element("span", {});
	const made = element("a", { href: firstPath(frontend), "data-frontend": frontend.name }, icon(frontend.icon), title);
	preferences.watch(() => {
		const name = frontend.titles[preferences.locale];
		title.replaceChildren(name);
		// Between phone and desk only the icon is seen.
		made.title = name;
	});
	return made;
}

function setCurrent(link: HTMLElement, isCurrent: boolean): void {
	if (isCurrent) {
		link.setAttribute("aria-current", "page");
	} else {
		link.removeAttribute("aria-current");
	}
}
