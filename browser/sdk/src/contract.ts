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
}

/**
 * Calls the hub or, by `/api/{service}/...`, a service behind its gateway.
 *
 * @param input a path of this origin.
 * @returns the parsed JSON body, `null` when there is none. It is data of unknown shape: parse it.
 * @throws ApiProblem for every failure, those of the network and of time included.
 */
export type Api = (input: string, init?: ApiInit) => Promise<unknown>;

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
