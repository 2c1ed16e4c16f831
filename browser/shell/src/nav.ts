/** The ways to the front-ends: the list at the side, the tabs and the sheet of a phone. */

import type { FrontendEntry } from "./boot.js";
import { element, icon, ring } from "./element.js";
import type { FrontendList } from "./frontends.js";
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
export function sideNavigation(frontends: FrontendList, preferences: Preferences): Navigation {
	const list = linkList(frontends, preferences);
	const nav = element("nav", { class: "nav", "data-testid": "navigation" }, list.element);
	preferences.watch(() => nav.setAttribute("aria-label", preferences.words.applications));
	return { ...list, element: nav };
}

/** Returns the sheet that lists all applications on a phone; `showModal` opens it. */
export function applicationsSheet(
	frontends: FrontendList,
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
	return {
		element: bar,
		mark: (current) => setCurrent(home, current !== null && firstPath(current) === "/"),
		state: () => {},
	};
}

function linkList(frontends: FrontendList, preferences: Preferences): Navigation {
	const list = element("ul", {});
	const failed = new Set<string>();
	let here: string | null = null;
	const draw = () => {
		const links = frontends.entries.map((frontend) => link(frontend, preferences));
		for (const one of links) {
			dress(one);
		}
		const { activeElement } = document;
		const focused = activeElement instanceof HTMLElement && list.contains(activeElement) ? activeElement.dataset : null;
		list.replaceChildren(...links.map((one) => element("li", {}, one)));
		if (links.length === 0) {
			list.append(element("li", { class: "nav-empty" }, preferences.words.noApplications));
		}
		links.find((one) => one.dataset["frontend"] === focused?.["frontend"])?.focus();
	};
	const dress = (one: HTMLElement) => {
		const name = one.dataset["frontend"] ?? "";
		setCurrent(one, name === here);
		one.querySelector(".ring")?.remove();
		if (failed.has(name)) {
			one.append(ring("failed", preferences.words.failed));
		}
	};
	const dressAll = () => {
		for (const one of list.querySelectorAll("a")) {
			dress(one);
		}
	};
	preferences.watch(draw);
	frontends.watch(draw);
	return {
		element: list,
		mark: (current) => {
			here = current?.name ?? null;
			dressAll();
		},
		state: ({ name }, state) => {
			failed.delete(name);
			if (state === "failed") {
				failed.add(name);
			}
			dressAll();
		},
	};
}

function link(frontend: FrontendEntry, { locale }: Preferences): HTMLAnchorElement {
	const name = frontend.titles[locale];
	// Between phone and desk only the icon is seen.
	const attributes = { href: firstPath(frontend), title: name, "data-frontend": frontend.name };
	return element("a", attributes, icon(frontend.icon), element("span", {}, name));
}

function setCurrent(link: HTMLElement, isCurrent: boolean): void {
	if (isCurrent) {
		link.setAttribute("aria-current", "page");
	} else {
		link.removeAttribute("aria-current");
	}
}
