/** What the shell promises a micro-frontend, and what it expects of one. */

export type Locale = "fr" | "en";
export type Theme = "light" | "dark" | "system";
export type NotifyKind = "info" | "success" | "warning" | "error";

/** The signed-in person. Frozen: changing it changes nothing but a local copy. */
export interface User {
	readonly id: string;
	readonly name: string;
	readonly email: string | null;
	readonly roles: readonly string[];
	/** What the person may do, as the hub knew it when the page was made: ask `can`. */
	readonly permissions: readonly string[];
	readonly tenantId: string | null;
}

/** One of the front-ends that this person may open. */
export interface Application {
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>>;
	readonly icon: string;
	/** Path of its first route, to be given to `navigate` or to a link. */
	readonly path: string;
}

export interface ApiInit {
	/** `GET` when absent. */
	readonly method?: string;
	/** Sent as JSON. */
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
	/** Aborts the request; the promise then rejects with the signal's reason. */
	readonly signal?: AbortSignal;
	/** Time for the whole answer, in seconds. 10 when absent. */
	readonly timeoutSeconds?: number;
	/** Nobody asked for it: it does not count as use, so a page left open lets its session end. */
	readonly background?: boolean;
	/**
	 * Whether it may be sent once more after the person has signed in again or given one more proof. When
	 * absent: what changes nothing may, anything else is for the person to do again.
	 */
	readonly repeat?: boolean;
}

/**
 * Calls the hub or, by `/api/{service}/...`, a service behind its gateway.
 *
 * @param input a path of this origin.
 * @returns the parsed JSON body, `null` when there is none. It is data of unknown shape: parse it.
 * @throws ApiProblem for every failure, those of the network and of time included.
 */
export type Api = (input: string, init?: ApiInit) => Promise<unknown>;

/** Something that happened, as the bus tells it. */
export interface HubEvent {
	/** `null` when it never left this page. */
	readonly id: string | null;
	/** `area:what`, as `orders:changed`. */
	readonly type: string;
	readonly timestamp: Date;
	/** Who says so: `MainHub`, `shell`, or a front-end's name. */
	readonly source: string;
	/** Of unknown shape: parse it. */
	readonly data: Readonly<Record<string, unknown>>;
	/** The person on whose behalf it was published. */
	readonly by: { readonly id: string; readonly name: string } | null;
}

export type HubEventHandler = (event: HubEvent) => void;

/**
 * Events of this page and of the hub. `"*"` as a type is every type.
 *
 * Two types are the page's own, without a colon, and never come from the hub: `link` (data `live`: whether
 * events of the hub arrive now) and `gap` (data `reason`: what happened meanwhile is not known for
 * certain, so what is shown from events should be fetched anew).
 */
export interface Bus {
	/** Whether events of the hub arrive now; `link` says when that changes. */
	readonly live: boolean;
	/**
	 * Calls *handler* for every event of *type*, of one *source* only when it is given.
	 *
	 * @returns what ends it. It ends by itself when the front-end's signal is aborted.
	 */
	readonly on: (type: string, handler: HubEventHandler, options?: { readonly source?: string }) => () => void;
	/** As `on`, for the next event only. */
	readonly once: (type: string, handler: HubEventHandler, options?: { readonly source?: string }) => () => void;
	/** Ends every `on` and `once` of *handler* for *type*. */
	readonly off: (type: string, handler: HubEventHandler) => void;
	/**
	 * Tells this page at once, and the hub, which tells whoever the type is for. *roles* narrows a type
	 * that is for everyone.
	 *
	 * @throws ApiProblem when the hub did not take it: this page has heard it all the same.
	 */
	readonly emit: (
		type: string,
		data?: Readonly<Record<string, unknown>>,
		options?: { readonly roles?: readonly string[] },
	) => Promise<void>;
	/** What this page has heard, oldest first: at most 100 of each type. */
	readonly history: (type?: string) => readonly HubEvent[];
}

export type WidgetSize = "small" | "medium" | "large" | "full";

/** A card of a front-end that may be placed anywhere. */
export interface WidgetEntry {
	/** `FRONTEND/NAME`. */
	readonly id: string;
	readonly frontend: string;
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>>;
	readonly summaries: Readonly<Record<Locale, string>>;
	readonly icon: string;
	/** What it is made for; it may be given another. */
	readonly size: WidgetSize;
}

/** Draws the widgets of all front-ends that the person may open. */
export interface WidgetHost {
	readonly list: readonly WidgetEntry[];
	/**
	 * Draws widget *id* into *element*, or the card that says why it does not display. Language and theme
	 * follow by themselves. When *signal* is aborted it is taken away.
	 *
	 * @returns a promise that resolves when something final stands there; it never rejects.
	 */
	readonly mount: (
		id: string,
		element: HTMLElement,
		signal: AbortSignal,
		options?: { readonly size?: WidgetSize },
	) => Promise<void>;
}

export interface LoginOptions {
	/** In this page, which is left, rather than in a popup. */
	readonly redirect?: boolean;
}

/** What changes while a front-end is mounted. */
export interface FrontendChange {
	readonly locale: Locale;
	readonly theme: Theme;
}

/** All that a micro-frontend is given when it is mounted. */
export interface FrontendProps extends FrontendChange {
	readonly name: string;
	/** Empty, and its own: the shell removes it when the person leaves. */
	readonly domElement: HTMLElement;
	/** The path under which the front-end was registered. */
	readonly basePath: string;
	/** Aborted when the person leaves: stop timers, drop listeners. */
	readonly signal: AbortSignal;
	readonly user: User;
	/** Whether the person may do *permission* (`orders:write`). It decides what is shown; the hub decides what is done. */
	readonly can: (permission: string) => boolean;
	/**
	 * Signs the person in anew, in a popup while the page stays: call it in a click. Where the browser
	 * blocks the popup, the page is left and comes back.
	 *
	 * @returns whether they did; somebody else's sign-in closes the page.
	 */
	readonly login: (options?: LoginOptions) => Promise<boolean>;
	/** The front-ends that the person may open, in their order. */
	readonly frontends: readonly Application[];
	/** Whom to ask for access, in the operator's words; `null` when the hub was not told. */
	readonly support: string | null;
	/** Opens a path of this hub; an unknown one is a full page load. */
	readonly navigate: (to: string, options?: { readonly replace?: boolean }) => void;
	/** Says something in the corner of the page, politely. */
	readonly notify: (message: string, kind?: NotifyKind) => void;
	readonly api: Api;
	/** Names the page, in the tab's title and in the bar. */
	readonly setTitle: (title: string) => void;
	/** Subscriptions end with `signal`. */
	readonly bus: Bus;
	/**
	 * Hands *message* to the front-end *app* of this page.
	 *
	 * @returns whether it was delivered now; else it is kept (the last 20) until *app* listens.
	 */
	readonly send: (app: string, message: unknown) => boolean;
	/** Hears what other front-ends `send`, what was kept first. Ends with `signal`, or by what it returns. */
	readonly onMessage: (handler: (message: unknown, from: string) => void) => () => void;
	readonly widgets: WidgetHost;
}

/** What a widget is given: as a front-end, less what only a whole page has. */
export interface WidgetProps extends Omit<FrontendProps, PageOnly> {
	readonly size: WidgetSize;
}

type PageOnly = "domElement" | "basePath" | "setTitle" | "onMessage" | "widgets";

/** A card. It may stand in a page several times, each with its own *root*. */
export interface Widget {
	readonly mount: (root: HTMLElement, props: WidgetProps) => void | Promise<void>;
	/** Called with the new language or theme; without it the widget is mounted anew. */
	readonly update?: (root: HTMLElement, props: WidgetProps) => void | Promise<void>;
	readonly unmount?: (root: HTMLElement) => void | Promise<void>;
}

/** What a micro-frontend does. Each may be asynchronous; the shell waits, but not for ever. */
export interface Frontend {
	readonly mount: (root: HTMLElement, props: FrontendProps) => void | Promise<void>;
	/** Called with the new language or theme; without it the front-end keeps the old one. */
	readonly update?: (props: FrontendProps) => void | Promise<void>;
	readonly unmount?: (root: HTMLElement) => void | Promise<void>;
}

/** The functions that a front-end's module exports, after the manner of single-spa. */
export interface Lifecycles {
	readonly bootstrap: (props: FrontendProps) => Promise<void>;
	readonly mount: (props: FrontendProps) => Promise<void>;
	readonly update: (props: FrontendProps) => Promise<void>;
	readonly unmount: (props: FrontendProps) => Promise<void>;
}
