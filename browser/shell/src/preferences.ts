/** Language and theme: chosen by the person, kept in a cookie that the server renders from. */

import type { Locale, Theme } from "@mainhub/sdk/core";
import { en, type Messages } from "./i18n/en.js";
import { fr } from "./i18n/fr.js";

const MESSAGES: Readonly<Record<Locale, Messages>> = { en, fr };
const YEAR_SECONDS = 31_536_000;

export class Preferences {
	#locale: Locale;
	#theme: Theme;
	readonly #page: Document;
	readonly #watchers = new Set<() => void>();
	/** Hears what the person chooses in this page; what is adopted was chosen elsewhere. */
	onChoice: (choice: { readonly locale: Locale } | { readonly theme: Theme }) => void = () => {};

	constructor(initial: { locale: Locale; theme: Theme }, page: Document = document) {
		this.#locale = initial.locale;
		this.#theme = initial.theme;
		this.#page = page;
	}

	get locale(): Locale {
		return this.#locale;
	}

	get theme(): Theme {
		return this.#theme;
	}

	/** The words of the chosen language. */
	get words(): Messages {
		return MESSAGES[this.#locale];
	}

	chooseLocale(locale: Locale): void {
		this.adoptLocale(locale);
		this.onChoice({ locale });
	}

	chooseTheme(theme: Theme): void {
		this.adoptTheme(theme);
		this.onChoice({ theme });
	}

	adoptLocale(locale: Locale): void {
		this.#locale = locale;
		this.#page.documentElement.lang = locale;
		this.#keep("mainhub-locale", locale);
		this.#tell();
	}

	adoptTheme(theme: Theme): void {
		this.#theme = theme;
		if (theme === "system") {
			delete this.#page.documentElement.dataset["theme"];
		} else {
			this.#page.documentElement.dataset["theme"] = theme;
		}
		this.#keep("mainhub-theme", theme === "system" ? null : theme);
		this.#tell();
	}

	/** Calls *watcher* now and after every change, until *signal* is aborted. */
	watch(watcher: () => void, signal?: AbortSignal): void {
		watcher();
		this.#watchers.add(watcher);
		signal?.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
	}

	#keep(name: string, value: string | null): void {
		const age = value === null ? 0 : YEAR_SECONDS;
		this.#page.cookie = `${name}=${value ?? ""}; Path=/; SameSite=Lax; Max-Age=${age}`;
	}

	#tell(): void {
		for (const watcher of [...this.#watchers]) {
			watcher();
		}
	}
}
