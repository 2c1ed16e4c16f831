/** Where the person is: links, history, scroll, focus. Front-ends are the orchestrator's. */

import type { FrontendEntry } from "./boot.js";
import { ownerOf } from "./routes.js";

/** By a link or `navigate`, by the browser's back and forward, or by a front-end's own router. */
export type Arrival = "link" | "history" | "frontend";

export interface RouterWorld {
	readonly window: Window;
	readonly frontends: () => readonly FrontendEntry[];
	/** Leaves this page for one that the server renders. */
	readonly loadPage: (url: string) => void;
	/** The address has changed; *frontend* is `null` for an address that no front-end owns. */
	readonly arrived: (frontend: FrontendEntry | null, how: Arrival) => void;
}

export class Router {
	readonly #world: RouterWorld;
	#underway: Arrival = "frontend";

	constructor(world: RouterWorld) {
		this.#world = world;
	}

	/** The front-end that owns the present address. */
	get current(): FrontendEntry | null {
		return ownerOf(this.#world.window.location.pathname, this.#world.frontends());
	}

	/** Must be called before single-spa starts: later listeners wait until it has nothing under way. */
	listen(): void {
		const { window } = this.#world;
		window.history.scrollRestoration = "manual";
		window.document.addEventListener("click", (event) => this.#followLink(event));
		window.addEventListener("popstate", (event) => {
			// single-spa announces pushState and replaceState as popstate, too.
			const how = "singleSpa" in event ? this.#underway : "history";
			this.#world.arrived(this.current, how);
		});
		window.addEventListener("scrollend", () => this.#keepScroll());
	}

	/** Opens *to*: within this page when a front-end owns it, else as a new page. */
	readonly navigate = (to: string, options: { readonly replace?: boolean } = {}): void => {
		const { window } = this.#world;
		const url = new URL(to, window.location.href);
		if (url.origin !== window.location.origin || ownerOf(url.pathname, this.#world.frontends()) === null) {
			this.#world.loadPage(url.href);
			return;
		}
		if (url.href === window.location.href) {
			this.#world.arrived(this.current, "link");
			return;
		}
		this.#underway = "link";
		const change = options.replace === true ? "replaceState" : "pushState";
		window.history[change](null, "", url);
		this.#underway = "frontend";
	};

	/** Goes back to where the person had scrolled to when they left this entry of the history. */
	restoreScroll(): void {
		const { window } = this.#world;
		const state: unknown = window.history.state;
		const top = typeof state === "object" && state !== null && "mainhubScroll" in state ? state.mainhubScroll : 0;
		window.scrollTo(0, typeof top === "number" ? top : 0);
	}

	#keepScroll(): void {
		const { history, scrollY } = this.#world.window;
		const state: unknown = history.state;
		const kept = typeof state === "object" && state !== null ? state : {};
		history.replaceState({ ...kept, mainhubScroll: scrollY }, "");
	}

	#followLink(event: MouseEvent): void {
		const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
		if (link === undefined || !isPlainClick(event) || !staysHere(link)) {
			return;
		}
		const url = new URL(link.href);
		const { location } = this.#world.window;
		const isFragment = url.hash !== "" && url.pathname === location.pathname && url.search === location.search;
		if (url.origin === location.origin && !isFragment && ownerOf(url.pathname, this.#world.frontends()) !== null) {
			event.preventDefault();
			this.navigate(url.href);
		}
	}
}

function isPlainClick(event: MouseEvent): boolean {
	return !(
		event.defaultPrevented ||
		event.button !== 0 ||
		event.metaKey ||
		event.ctrlKey ||
		event.shiftKey ||
		event.altKey
	);
}

function staysHere(link: HTMLAnchorElement): boolean {
	return link.href !== "" && !link.hasAttribute("download") && (link.target === "" || link.target === "_self");
}
