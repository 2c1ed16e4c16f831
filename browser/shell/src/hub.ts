/** The parts of the shell, connected. */

import { type ApiProblem, allows, type Bus, type FrontendProps, type LoginOptions } from "@mainhub/sdk/core";
import { createApi, type WantedCall } from "./api.js";
import { AppEvents } from "./app-events.js";
import type { Attempt } from "./attempt.js";
import type { Boot, FrontendEntry } from "./boot.js";
import { EventBus, type Publish } from "./bus.js";
import { buildFrame, type Frame } from "./frame.js";
import { FrontendList } from "./frontends.js";
import { errorOwner, tracesOf } from "./late-errors.js";
import { later } from "./later.js";
import type { Curtain } from "./live/curtain.js";
import type { EndedPage } from "./live/ended-page.js";
import type { Live } from "./live/live.js";
import { Loader } from "./loader.js";
import { Mailbox } from "./mailbox.js";
import { Orchestrator } from "./orchestrator.js";
import { ownPage, ownTitle } from "./pages.js";
import { failurePanel, lateBanner } from "./panel.js";
import { Preferences } from "./preferences.js";
import { type Arrival, Router } from "./router.js";
import { firstPath } from "./routes.js";
import type { Desk } from "./sign-in/desk.js";
import type { SessionNotice } from "./sign-in/notice.js";
import { skeleton } from "./skeleton.js";
import { Slot, type SlotWorld } from "./slot.js";
import { newTraceId } from "./trace.js";
import { wait } from "./wait.js";
import { WidgetDoor } from "./widgets/door.js";

const loadPage = (url: string) => window.location.assign(url);

export class Hub {
	readonly #boot: Boot;
	readonly #root: HTMLElement;
	readonly #tab = newTraceId();
	readonly #preferences: Preferences;
	readonly #frontends: FrontendList;
	readonly #frame: Frame;
	readonly #router: Router;
	readonly #orchestrator: Orchestrator;
	readonly #slots = new Map<string, Slot>();
	readonly #slotWorld: SlotWorld;
	readonly #widgets: WidgetDoor;
	readonly #ownPage: HTMLElement | null;
	readonly #apiWorld;
	readonly #events: EventBus;
	readonly #bus: Bus;
	readonly #mailbox: Mailbox;
	readonly #appEvents: AppEvents;
	readonly #owned = new WeakMap<Attempt, Pick<FrontendProps, "bus" | "widgets">>();
	#live: Live | null = null;
	#curtain: Curtain | null = null;
	#notice: SessionNotice | null = null;
	#desk: Desk | null = null;
	#publish: Publish | null = null;
	#isLeaving = false;

	constructor(root: HTMLElement, boot: Boot) {
		this.#boot = boot;
		this.#root = root;
		const preferences = new Preferences(boot);
		const frontends = new FrontendList(boot.frontends);
		this.#preferences = preferences;
		this.#frontends = frontends;
		this.#frame = buildFrame(root, { boot, preferences, frontends, signOut: () => void this.#signOut() });
		this.#apiWorld = {
			fetch: (url: string, init: RequestInit) => window.fetch(url, init),
			origin: window.location.origin,
			wanted: (problem: ApiProblem, call: WantedCall) => this.#wanted(problem, call),
			sessionLives: () => this.#notice?.hide(),
		};
		const fault = (owner: string, error: unknown) => this.#late(frontends.named(owner), error);
		// What only this page hears needs nothing more.
		this.#events = new EventBus(async (event, roles) => await (await this.#publisher())(event, roles), fault);
		this.#bus = this.#events.scoped("shell");
		this.#mailbox = new Mailbox((app) => frontends.named(app) !== null, fault);
		this.#appEvents = new AppEvents(this.#bus);
		this.#router = new Router({
			window,
			frontends: () => frontends.entries,
			loadPage,
			arrived: (frontend, how) => this.#arrive(frontend, how),
		});
		this.#ownPage = ownPage(boot, preferences, this.#router.current !== null);
		this.#slotWorld = this.#makeSlotWorld();
		this.#widgets = this.#makeWidgets();
		this.#orchestrator = new Orchestrator(() => frontends.entries, boot.limits);
	}

	start(): void {
		const startPath = window.location.pathname;
		this.#router.listen();
		this.#preferences.watch(() => this.#retell());
		this.#preferences.onChoice = (choice) => {
			const type = "theme" in choice ? "theme:changed" : "language:changed";
			// Other tabs hear of it when they can; this one has it already.
			this.#bus.emit(type, { ...choice }).catch(() => {});
		};
		window.addEventListener("error", (event) => this.#attribute(event));
		window.addEventListener("unhandledrejection", (event) => this.#attribute(event));
		if (this.#ownPage !== null) {
			this.#ownPage.dataset["path"] = startPath;
			this.#frame.main.append(this.#ownPage);
		}
		this.#takeUp();
		this.#frontends.watch(() => this.#relist());
		this.#orchestrator.start();
		// What is shown first waits for none of these: Fluent only dresses its tags.
		window.setTimeout(() => {
			void later("Fluent UI", () => import(/* @vite-ignore */ this.#boot.modules.fluent));
			void later("Signing in again", () => this.#openDesk());
			void later("The link to the hub's events", async () => this.#goLive(await import("./live/live.js")));
		}, 0);
	}

	#goLive({ goLive, Curtain }: typeof import("./live/live.js")): void {
		this.#curtain ??= new Curtain(this.#root, this.#preferences);
		this.#live = goLive({
			person: this.#boot.user,
			tab: this.#tab,
			events: this.#events,
			bus: this.#bus,
			api: createApi(this.#apiWorld),
			preferences: this.#preferences,
			frontends: this.#frontends,
			frame: this.#frame,
			close: (page) => this.#close(page),
			login: () => void this.#login(),
		});
	}

	async #publisher(): Promise<Publish> {
		const { publisher } = await import("./publish.js");
		this.#publish ??= publisher(createApi(this.#apiWorld), this.#tab);
		return this.#publish;
	}

	async #openDesk(): Promise<Desk> {
		const { Desk } = await import("./sign-in/desk.js");
		this.#desk ??= new Desk({
			page: window,
			fetch: this.#apiWorld.fetch,
			preferences: this.#preferences,
			person: this.#boot.user.id,
			api: createApi(this.#apiWorld),
			loadPage,
			notify: (message) => this.#frame.toasts.show(message, "success"),
			signedIn: () => this.#reopen(),
			ended: () => void this.#sessionEnded(),
			other: () => (this.#live === null ? window.location.reload() : this.#live.other()),
			signOut: () => void this.#signOut(),
		});
		return this.#desk;
	}

	/** A page that is over leaves only when the person says so. */
	async #wanted(problem: ApiProblem, call: WantedCall): Promise<boolean> {
		const desk = await this.#openDesk();
		// What was under way as somebody signed out is answered 401 before the page is gone.
		return !this.#isLeaving && this.#curtain?.isDown !== true && (await desk.wanted(problem, call));
	}

	/** At once where that is loaded: a popup opens only in a click. */
	async #login(options?: LoginOptions): Promise<boolean> {
		return await (this.#desk ?? (await this.#openDesk())).login(options);
	}

	/** Gives every front-end a place that has none yet, and every place the present entry. */
	#takeUp(): void {
		for (const frontend of this.#frontends.entries) {
			const slot = this.#slots.get(frontend.name);
			if (slot === undefined) {
				const made = new Slot(frontend, this.#slotWorld);
				this.#slots.set(frontend.name, made);
				this.#orchestrator.add(made);
			} else {
				slot.frontend = frontend;
			}
		}
	}

	#relist(): void {
		this.#takeUp();
		this.#showOwnPage(this.#router.current === null);
		this.#retell();
	}

	/** Only the hub's answers say so, and they may be wrong about a moment: what is on screen stays. */
	async #sessionEnded(): Promise<void> {
		if (this.#isLeaving) return;
		const { sessionNotice } = await import("./sign-in/notice.js");
		const login = () => void this.#login();
		this.#notice ??= sessionNotice(this.#frame.toasts.element, this.#preferences, window, login);
		this.#notice.show();
	}

	/** The session is over: nothing of the person stays on screen. */
	#close(page: EndedPage): void {
		if (!this.#isLeaving && this.#curtain?.fall(page)) {
			this.#desk?.close();
			if (!page.isCover) {
				this.#orchestrator.stop();
			}
		}
	}

	/** The person is signed in after all: what was covered goes on. */
	#reopen(): void {
		this.#notice?.hide();
		if (this.#curtain?.rise()) {
			this.#retell();
			this.#frame.main.focus({ preventScroll: true });
			this.#live?.resume();
		}
	}

	#makeSlotWorld(): SlotWorld {
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
				skeleton,
				panel: (slot, attempt, failure) => {
					const step = failure.kind.startsWith("mount") ? "mount" : "load";
					this.#appEvents.failed(slot.frontend.name, step, failure.cause ?? failure, attempt.traceId);
					return failurePanel(slot, attempt, failure, this.#preferences, limits);
				},
				banner: (slot) => lateBanner(slot, this.#preferences),
			},
			propsFor: (frontend, attempt) => this.#propsFor(frontend, attempt),
			onChange: (slot) => this.#watchSlot(slot),
			reloadPage: () => window.location.reload(),
		};
	}

	#makeWidgets(): WidgetDoor {
		const { loader, limits, propsFor, reloadPage } = { ...this.#slotWorld, limits: this.#boot.limits };
		return new WidgetDoor(this.#frontends, this.#preferences, {
			frontends: this.#frontends,
			preferences: this.#preferences,
			loader,
			limits,
			propsFor,
			reloadPage,
			failed: (frontend, error, traceId) => this.#appEvents.failed(frontend, "widget", error, traceId),
		});
	}

	/** What an attempt keeps for all its life: `off` in `unmount` finds what `on` in `mount` began. */
	#ownOf(name: string, attempt: Attempt): Pick<FrontendProps, "bus" | "widgets"> {
		const known = this.#owned.get(attempt);
		if (known !== undefined) {
			return known;
		}
		const { signal } = attempt;
		const own = { bus: this.#events.scoped(name, signal), widgets: this.#widgets.hostFor(signal) };
		this.#owned.set(attempt, own);
		return own;
	}

	#propsFor(frontend: FrontendEntry, attempt: Attempt): FrontendProps {
		const { name } = frontend;
		const { signal } = attempt;
		return {
			name,
			domElement: attempt.container,
			basePath: firstPath(frontend),
			signal,
			user: this.#boot.user,
			can: (permission) => allows(this.#boot.user.permissions, permission),
			login: (options) => this.#login(options),
			frontends: this.#frontends.applications,
			support: this.#boot.support,
			locale: this.#preferences.locale,
			theme: this.#preferences.theme,
			navigate: this.#router.navigate,
			notify: (message, kind) => this.#frame.toasts.show(message, kind),
			api: createApi(this.#apiWorld, name, signal),
			setTitle: (title) => {
				if (!signal.aborted) {
					this.#frame.entitle(title);
				}
			},
			...this.#ownOf(name, attempt),
			send: (app, message) => this.#mailbox.send(app, message, name),
			onMessage: (handler) => this.#mailbox.listen(name, handler, signal),
		};
	}

	#arrive(frontend: FrontendEntry | null, how: Arrival): void {
		if (this.#curtain?.isDown) {
			return;
		}
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
		if (isHere && this.#ownPage?.dataset["path"] === window.location.pathname) {
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

	/** Says everything anew, in the language and theme now chosen, with the front-ends now open. */
	#retell(): void {
		if (this.#curtain?.isDown) {
			return;
		}
		const shown = [...this.#slots.values()].find((slot) => slot.state === "mounted")?.frontend ?? null;
		const here = this.#router.current ?? shown;
		this.#frame.arrive(here, this.#titleOf(here));
		for (const slot of this.#slots.values()) {
			slot.update();
		}
	}

	#watchSlot(slot: Slot): void {
		const { words, locale } = this.#preferences;
		this.#appEvents.changed(slot);
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
		const owner = errorOwner(tracesOf(event), this.#frontends.entries, window.location.origin);
		if (owner !== null) {
			this.#late(owner, "reason" in event ? event.reason : event.error);
		}
	}

	/** Something of *frontend* has failed while it was shown: its page says so, or else its widgets. */
	#late(frontend: FrontendEntry | null, error: unknown): void {
		if (frontend === null) {
			console.error(error);
			return;
		}
		const { name } = frontend;
		const slot = this.#slots.get(name);
		this.#appEvents.failed(name, "later", error, newTraceId());
		if (slot?.state === "mounted") {
			slot.reportLate(error);
		} else {
			void this.#widgets.reportLate(name, error);
		}
	}

	async #signOut(): Promise<void> {
		// The stream ends before the answer comes: this tab goes elsewhere anyway.
		this.#isLeaving = true;
		try {
			await (await this.#openDesk()).signOut(() => this.#live?.signedOut());
		} catch {
			this.#isLeaving = false;
			this.#frame.toasts.show(this.#preferences.words.signOutFailed, "error");
		}
	}
}
