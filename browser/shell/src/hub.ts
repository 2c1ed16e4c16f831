/** The parts of the shell, connected. */

import type { FrontendProps } from "@mainhub/sdk/core";
import { createApi } from "./api.js";
import type { Attempt } from "./attempt.js";
import type { Boot, FrontendEntry } from "./boot.js";
import { element } from "./element.js";
import { buildFrame, type Frame } from "./frame.js";
import { errorOwner, tracesOf } from "./late-errors.js";
import { Loader } from "./loader.js";
import { Orchestrator } from "./orchestrator.js";
import { ownPage, ownTitle } from "./pages.js";
import { failurePanel, lateBanner } from "./panel.js";
import { Preferences } from "./preferences.js";
import { type Arrival, Router } from "./router.js";
import { firstPath } from "./routes.js";
import { signInAgain, signOut } from "./session.js";
import { sessionNotice } from "./session-notice.js";
import { Slot, type SlotWorld } from "./slot.js";
import { wait } from "./wait.js";

const loadPage = (url: string) => window.location.assign(url);

export class Hub {
	readonly #boot: Boot;
	readonly #preferences: Preferences;
	readonly #frame: Frame;
	readonly #router: Router;
	readonly #slots: readonly Slot[];
	readonly #ownPage: HTMLElement | null;
	readonly #apiWorld;

	constructor(root: HTMLElement, boot: Boot) {
		this.#boot = boot;
		this.#preferences = new Preferences(boot);
		this.#frame = buildFrame(root, boot, this.#preferences, () => void this.#signOut());
		const notice = sessionNotice(this.#frame.toasts.element, this.#preferences, window);
		this.#apiWorld = {
			fetch: (url: string, init: RequestInit) => window.fetch(url, init),
			origin: window.location.origin,
			signInAgain: signInAgain({ window, loadPage, giveUp: notice.show }),
			sessionEnded: notice.show,
			sessionLives: notice.hide,
		};
		this.#router = new Router({
			window,
			frontends: boot.frontends,
			loadPage,
			arrived: (frontend, how) => this.#arrive(frontend, how),
		});
		this.#ownPage = ownPage(boot, this.#preferences, this.#router.current !== null);
		const world = this.#slotWorld();
		this.#slots = boot.frontends.map((frontend) => new Slot(frontend, world));
	}

	start(): void {
		const startPath = window.location.pathname;
		this.#router.listen();
		this.#preferences.watch(() => this.#retell());
		window.addEventListener("error", (event) => this.#attribute(event));
		window.addEventListener("unhandledrejection", (event) => this.#attribute(event));
		if (this.#ownPage !== null) {
			this.#ownPage.dataset["path"] = startPath;
			this.#frame.main.append(this.#ownPage);
		}
		new Orchestrator(this.#slots, this.#boot.limits).start();
		// Fluent only dresses the tags: what is shown first does not wait for it.
		window.setTimeout(() => void this.#dress(), 0);
	}

	async #dress(): Promise<void> {
		try {
			await import(/* @vite-ignore */ this.#boot.modules.fluent);
		} catch (error) {
			console.warn("Fluent UI did not load; its tags stay plain until the page is loaded again:", error);
		}
	}

	#slotWorld(): SlotWorld {
		const { limits } = this.#boot;
		return {
			host: this.#frame.main,
			limits,
			loader: new Loader(limits, {
				fetch: (url, init) => window.fetch(url, init),
				importModule: (url) => import(/* @vite-ignore */ new URL(url, window.location.origin).href),
				wait,
				random: Math.random,
				now: () => new Date(),
				origin: window.location.origin,
			}),
			view: {
				skeleton: () => skeleton(),
				panel: (slot, attempt, failure) => failurePanel(slot, attempt, failure, this.#preferences, limits),
				banner: (slot) => lateBanner(slot, this.#preferences),
			},
			propsFor: (frontend, attempt) => this.#propsFor(frontend, attempt),
			onChange: (slot) => this.#watchSlot(slot),
			reloadPage: () => window.location.reload(),
		};
	}

	#propsFor(frontend: FrontendEntry, attempt: Attempt): FrontendProps {
		return {
			name: frontend.name,
			domElement: attempt.container,
			basePath: firstPath(frontend),
			signal: attempt.signal,
			user: this.#boot.user,
			frontends: this.#boot.frontends.map((one) => ({
				name: one.name,
				titles: one.titles,
				icon: one.icon,
				path: firstPath(one),
			})),
			support: this.#boot.support,
			locale: this.#preferences.locale,
			theme: this.#preferences.theme,
			navigate: this.#router.navigate,
			notify: this.#frame.toasts.show,
			api: createApi(this.#apiWorld, attempt.signal),
			setTitle: (title) => {
				if (!attempt.signal.aborted) {
					this.#frame.entitle(title);
				}
			},
		};
	}

	#arrive(frontend: FrontendEntry | null, how: Arrival): void {
		if (frontend === null && this.#ownPage?.dataset["path"] !== window.location.pathname) {
			// Only the server can say what stands there.
			window.location.reload();
			return;
		}
		this.#showOwnPage(frontend === null);
		this.#frame.arrive(frontend, this.#titleOf(frontend));
		if (how === "frontend") {
			return;
		}
		this.#frame.main.focus({ preventScroll: true });
		this.#frame.announce(this.#preferences.words.opened(this.#titleOf(frontend)));
		if (how === "link") {
			window.scrollTo(0, 0);
		}
	}

	#showOwnPage(isHere: boolean): void {
		if (isHere && this.#ownPage !== null) {
			this.#frame.main.append(this.#ownPage);
		} else {
			this.#ownPage?.remove();
		}
	}

	#titleOf(frontend: FrontendEntry | null): string {
		if (frontend !== null) {
			return frontend.titles[this.#preferences.locale];
		}
		return this.#ownPage === null ? "MainHub" : ownTitle(this.#boot, this.#preferences);
	}

	/** Says everything anew, in the language and theme now chosen. */
	#retell(): void {
		this.#frame.arrive(this.#router.current, this.#titleOf(this.#router.current));
		for (const slot of this.#slots) {
			slot.update();
		}
	}

	#watchSlot(slot: Slot): void {
		const { words, locale } = this.#preferences;
		this.#frame.state(slot.frontend, slot.state);
		this.#frame.main.toggleAttribute("aria-busy", false);
		if (slot.state === "loading" || slot.state === "mounting") {
			this.#frame.main.setAttribute("aria-busy", "true");
		}
		if (slot.state === "mounted") {
			this.#router.restoreScroll();
		}
		if (slot.state === "failed") {
			this.#frame.announce(words.failedTitle(slot.frontend.titles[locale]));
		}
	}

	#attribute(event: ErrorEvent | PromiseRejectionEvent): void {
		const owner = errorOwner(tracesOf(event), this.#boot.frontends, window.location.origin);
		const error: unknown = "reason" in event ? event.reason : event.error;
		this.#slots.find((slot) => slot.frontend === owner)?.reportLate(error);
	}

	async #signOut(): Promise<void> {
		try {
			await signOut(createApi(this.#apiWorld), loadPage);
		} catch {
			this.#frame.toasts.show(this.#preferences.words.signOutFailed, "error");
		}
	}
}

function skeleton(): HTMLElement {
	return element(
		"div",
		{ class: "place-skeleton", "aria-hidden": "true" },
		...[1, 2, 3].map(() => element("span", {})),
	);
}
