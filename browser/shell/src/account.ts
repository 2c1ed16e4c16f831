/** The person's own menu: who they are, language, theme, their sessions, sign out. */

import { grantedRoles, type Locale, type Theme } from "@mainhub/sdk/core";
import type { Boot } from "./boot.js";
import { element, icon } from "./element.js";
import type { Messages } from "./i18n/en.js";
import { moveWithArrows } from "./menu-keys.js";
import type { Preferences } from "./preferences.js";

export interface AccountMenu {
	/** The button in the bar. */
	readonly button: HTMLButtonElement;
	readonly popup: HTMLElement;
	/** Opens or closes the menu; focus returns to *opener*. */
	readonly toggle: (opener: HTMLElement) => void;
}

/** Each language is called by its own name. */
const LOCALES: readonly (readonly [Locale, string])[] = [
	["fr", "Français"],
	["en", "English"],
];
/** A page of the front-end `widgets`. */
const SESSIONS = "/widgets/my-sessions";
const THEMES: readonly (readonly [Theme, string, keyof Messages & `theme${string}`])[] = [
	["light", "sun", "themeLight"],
	["dark", "moon", "themeDark"],
	["system", "monitor", "themeSystem"],
];

export function accountMenu(boot: Boot, preferences: Preferences, signOut: () => void): AccountMenu {
	const button = whoButton(boot, preferences);
	const popup = element("section", { class: "pop", hidden: true, "data-testid": "account-menu" });
	const menu = element("div", { role: "menu", id: "account-items" });
	const about = element("p", { class: "pop-about small dim" }, `${boot.provider.title} · MainHub ${boot.version}`);
	popup.append(whoIsThis(boot, preferences), menu, about);
	preferences.watch(() => popup.setAttribute("aria-label", preferences.words.account));

	let opener: HTMLElement = button;
	const close = (returnFocus: boolean) => {
		popup.hidden = true;
		button.setAttribute("aria-expanded", "false");
		if (returnFocus) {
			opener.focus();
		}
	};
	const toggle = (by: HTMLElement) => {
		if (!popup.hidden) {
			close(true);
			return;
		}
		opener = by;
		popup.hidden = false;
		button.setAttribute("aria-expanded", "true");
		menu.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
	};
	fill(menu, preferences, signOut, () => close(true));
	button.addEventListener("click", () => toggle(button));
	menu.addEventListener("keydown", (event) => moveWithArrows(menu, event, close));
	document.addEventListener("pointerdown", (event) => {
		const inside = event.composedPath().some((node) => node === popup || node === opener);
		if (!popup.hidden && !inside) {
			close(false);
		}
	});
	return { button, popup, toggle };
}

function whoButton(boot: Boot, preferences: Preferences): HTMLButtonElement {
	const { user } = boot;
	const role = element("small", {});
	const what = element("span", { class: "sr" });
	const button = element(
		"button",
		{
			class: "who",
			type: "button",
			"aria-haspopup": "menu",
			"aria-expanded": "false",
			"aria-controls": "account-items",
			"data-testid": "account-button",
		},
		what,
		element("span", { class: "av", "aria-hidden": "true" }, initial(user.name)),
		element("span", { class: "who-text" }, element("b", {}, user.name), role),
		icon("down"),
	);
	preferences.watch(() => {
		role.replaceChildren(grantedRoles(user).join(", ") || preferences.words.noRole);
		what.replaceChildren(preferences.words.account);
	});
	return button;
}

function whoIsThis(boot: Boot, preferences: Preferences): HTMLElement {
	const { user } = boot;
	const roles = element("p", { class: "small dim" });
	preferences.watch(() => {
		const { words } = preferences;
		const given = grantedRoles(user).join(", ");
		roles.replaceChildren(given === "" ? words.noRole : words.roles + words.colon + given);
	});
	const name = element("p", { class: "strong" }, user.name);
	const mail = user.email === null ? [] : [element("p", { class: "small dim cut" }, user.email)];
	return element("div", { class: "pop-who" }, name, ...mail, roles);
}

function fill(menu: HTMLElement, preferences: Preferences, signOut: () => void, close: () => void): void {
	const languages = element("div", { role: "group", class: "pop-group" });
	const languageTitle = element("p", { class: "pop-title", role: "presentation" });
	const themes = element("div", { role: "group", class: "pop-group" });
	const themeTitle = element("p", { class: "pop-title", role: "presentation" });
	const item = { class: "pop-item", role: "menuitem", tabindex: "-1" };
	const mine = element("a", { ...item, href: SESSIONS, "data-testid": "own-sessions", onclick: close });
	const out = element("button", { ...item, type: "button", "data-testid": "sign-out", onclick: signOut });
	const locales = LOCALES.map(([locale, name]) => {
		const item = choice(name, () => preferences.chooseLocale(locale));
		item.lang = locale;
		item.dataset["locale"] = locale;
		preferences.watch(() => item.setAttribute("aria-checked", String(preferences.locale === locale)));
		return item;
	});
	const looks = THEMES.map(([theme, drawing, word]) => {
		const label = element("span", {});
		const item = choice(label, () => preferences.chooseTheme(theme), icon(drawing));
		item.dataset["themeChoice"] = theme;
		preferences.watch(() => {
			label.replaceChildren(preferences.words[word]);
			item.setAttribute("aria-checked", String(preferences.theme === theme));
		});
		return item;
	});
	languages.append(languageTitle, ...locales);
	themes.append(themeTitle, ...looks);
	menu.append(languages, themes, element("div", { role: "group", class: "pop-group" }, mine, out));
	preferences.watch(() => {
		const { words } = preferences;
		menu.setAttribute("aria-label", words.account);
		languages.setAttribute("aria-label", words.language);
		languageTitle.replaceChildren(words.language);
		themes.setAttribute("aria-label", words.theme);
		themeTitle.replaceChildren(words.theme);
		mine.replaceChildren(icon("monitor"), words.mySessions);
		out.replaceChildren(icon("out"), words.signOut);
	});
}

function choice(label: Node | string, choose: () => void, ...before: readonly Node[]): HTMLButtonElement {
	return element(
		"button",
		{
			class: "pop-item",
			type: "button",
			role: "menuitemradio",
			tabindex: "-1",
			"aria-checked": "false",
			onclick: choose,
		},
		...before,
		label,
		element("span", { class: "pop-check", "aria-hidden": "true" }, icon("check")),
	);
}

function initial(name: string): string {
	return (name.trim()[0] ?? "?").toLocaleUpperCase();
}
