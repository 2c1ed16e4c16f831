/** What the page does once it stands: hears the hub, follows the person's other tabs, says when it is over. */

import type { Api, Bus, HubEvent, NotifyKind } from "@mainhub/sdk/core";
import type { EventBus } from "../bus.js";
import type { Frame } from "../frame.js";
import type { FrontendList } from "../frontends.js";
import type { Preferences } from "../preferences.js";
import { type EndedPage, endedPage, otherPersonPage } from "./ended-page.js";
import { HubLink } from "./link.js";
import { RegistryWatch } from "./registry.js";
import { Strip } from "./strip.js";
import { type EndReason, type Link, textOf } from "./wire.js";
import { liveWords } from "./words.js";

export { Curtain } from "./curtain.js";

export interface LiveParts {
	readonly person: { readonly id: string; readonly name: string };
	/** What this page calls itself when it publishes. */
	readonly tab: string;
	readonly events: EventBus;
	/** The shell's own view of `events`. */
	readonly bus: Bus;
	readonly api: Api;
	readonly preferences: Preferences;
	readonly frontends: FrontendList;
	readonly frame: Pick<Frame, "strip" | "toasts">;
	/** Takes away all that stands in the page, and puts *page* there. */
	readonly close: (page: EndedPage) => void;
	/** Signs in in a popup; called in a click. */
	readonly login: () => void;
}

export interface Live {
	/** The person has signed out in this tab. */
	readonly signedOut: () => void;
	/** The session had ended, and goes on. */
	readonly resume: () => void;
	/** Somebody else is signed in in this browser. */
	readonly other: () => void;
}

const KINDS: readonly NotifyKind[] = ["info", "success", "warning", "error"];
const MESSAGE_LENGTH = 500;
/** After this a page that is looked at again asks at once whether it is still linked. */
const LONG_HIDDEN_SECONDS = 30;

export function goLive(parts: LiveParts): Live {
	const { preferences, frontends, api, frame } = parts;
	const strip = new Strip(frame.strip, preferences);
	const registry = new RegistryWatch({
		api,
		frontends,
		origin: window.location.origin,
		needsReload: () => askForReload(parts),
	});
	const other = () => parts.close(otherPersonPage(parts.person.name, preferences, window));
	const ended = (reason: EndReason, by: string | null) =>
		parts.close(endedPage(reason, by, { preferences, page: window, login: parts.login }));
	const begin = () =>
		new HubLink(
			{
				fetch: (url, init) => window.fetch(url, init),
				random: Math.random,
				person: parts.person.id,
				locks: navigator.locks,
				channel: "BroadcastChannel" in window ? (name) => new BroadcastChannel(name) : undefined,
			},
			{
				arrived: ({ event, tab }) => {
					// A tab's name can be guessed by others; with the person it cannot.
					if (tab !== parts.tab || event.by?.id !== parts.person.id) {
						parts.events.deliver(event);
					}
				},
				gap: (reason) => {
					parts.events.tell("gap", { reason });
					void registry.refresh();
				},
				link: (state: Link) => {
					parts.events.live = state === "live";
					strip.link(state);
					parts.events.tell("link", { live: state === "live" });
				},
				ended,
				other,
			},
		);
	let link = begin();
	followEvents(parts, registry);
	watchNetwork(parts, strip, () => link);
	link.start();
	const resume = () => {
		link = begin();
		link.start();
		parts.events.tell("gap", { reason: "lost" });
		void registry.refresh();
	};
	return { signedOut: () => link.signedOut(), resume, other };
}

function followEvents({ bus, preferences, frame }: LiveParts, registry: RegistryWatch): void {
	bus.on("theme:changed", ({ data }) => {
		const theme = (["light", "dark", "system"] as const).find((one) => one === data["theme"]);
		if (theme !== undefined && theme !== preferences.theme) {
			preferences.adoptTheme(theme);
		}
	});
	bus.on("language:changed", ({ data }) => {
		const locale = (["fr", "en"] as const).find((one) => one === data["locale"]);
		if (locale !== undefined && locale !== preferences.locale) {
			preferences.adoptLocale(locale);
		}
	});
	bus.on("notification:show", (event) => {
		const message = textOf(event.data, "message");
		if (message !== null) {
			const kind = KINDS.find((one) => one === event.data["kind"]) ?? "info";
			frame.toasts.show(message.slice(0, MESSAGE_LENGTH), kind, { from: speaker(event) });
		}
	});
	bus.on("cache:invalidated", ({ data }) => {
		const keys = data["keys"];
		if (Array.isArray(keys) && keys.includes("frontends")) {
			void registry.refresh();
		}
	});
}

function watchNetwork({ events }: LiveParts, strip: Strip, link: () => HubLink): void {
	const tell = (online: boolean) => {
		strip.network(online);
		events.tell("network:status", { online });
	};
	window.addEventListener("online", () => {
		tell(true);
		link().nudge();
	});
	window.addEventListener("offline", () => {
		tell(false);
		link().drop();
	});
	let hiddenAt = Number.POSITIVE_INFINITY;
	document.addEventListener("visibilitychange", () => {
		if (document.visibilityState !== "visible") {
			hiddenAt = Date.now();
		} else if (Date.now() - hiddenAt > LONG_HIDDEN_SECONDS * 1000) {
			link().nudge();
		}
	});
}

/** Who says so: a person by name, else the part that spoke. */
function speaker({ by, source }: HubEvent): string {
	return by?.name || source;
}

function askForReload({ frame, preferences }: LiveParts): void {
	const words = liveWords(preferences);
	const action = { label: words.reload, run: () => window.location.reload() };
	frame.toasts.show(words.applicationsChanged, "info", { action });
}
