import type { CheckState } from "./health.js";

const LOGOUT: Readonly<Record<string, string>> = {
	"signed-out": "You signed out",
	replaced: "A session of yours was replaced by a new sign-in",
	revoked: "A session of yours was ended",
	provider: "The identity provider ended a session of yours",
	expired: "A session of yours ended by time",
};
const THEMES: Readonly<Record<string, string>> = { light: "light", dark: "dark", system: "as the system" };

export const en = {
	title: "Widgets",
	intro: "Every card that is open to you, as it looks now. Those that you place stand on your home page.",
	search: "Search cards",
	found: (count: number) => (count === 1 ? "1 card" : `${count} cards`),
	notFound: (words: string) => `No card matches “${words}”`,
	notFoundText: "Search for another word, or see all of them.",
	seeAll: "See all cards",
	noWidgets: "No card is open to you yet",
	noWidgetsText: "Cards of the applications that your roles open will stand here.",
	preview: (title: string) => `Preview of ${title}`,
	from: (title: string) => `From ${title}`,
	sizes: {
		small: "Small, 4 of 12 columns",
		medium: "Medium, 6 of 12 columns",
		large: "Large, 8 of 12 columns",
		full: "Full width",
	},
	placed: "On your dashboard",
	place: "Place on my dashboard",
	unplace: "Remove from my dashboard",
	placing: "Saving",
	placedNow: (title: string) => `${title} now stands on your dashboard.`,
	unplacedNow: (title: string) => `${title} was removed from your dashboard.`,
	dashboard: "See my dashboard",
	placementUnknown: "Your dashboard could not be asked for: what stands on it is not known.",
	placementFailed: (title: string) => `${title} was not placed or removed.`,

	retry: "Retry",
	trace: "Trace",

	sessions: "My sessions",
	thisOne: "This one",
	unknownDevice: "Unknown browser",
	sinceTime: (time: string) => `since ${time}`,
	seen: (time: string) => `last used ${time}`,
	end: "End",
	endOf: (device: string) => `End the session on ${device}`,
	endAsk: (device: string) => `End the session on ${device}? What is unsaved there is lost.`,
	endYes: "End it",
	endNo: "Keep it",
	ending: "Ending",
	endedNow: (device: string) => `The session on ${device} has ended.`,
	endOthers: "End all others",
	endOthersAsk: "End all your sessions but this one? What is unsaved there is lost.",
	endOthersYes: "End all others",
	endOthersNo: "Keep them",
	on: (browser: string, system: string) => `${browser} on ${system}`,
	othersEnded: "All your other sessions have ended.",
	othersNotEnded: "Not all of your other sessions were ended.",
	sessionsIntro:
		"Where you are signed in with your account. If you do not recognise one, end it and tell whoever administers this hub.",
	endFailed: (device: string) => `The session on ${device} was not ended.`,
	moreSessions: "There are more than are listed here.",
	noSessions: "No session is listed",
	noSessionsText: "The next sign-in will stand here.",

	health: "Service health",
	healthCount: (fine: number, all: number) => `${fine} of ${all} in service`,
	states: {
		fine: "In service",
		degraded: "Impaired",
		failed: "Out of service",
		unknown: "Not known yet",
	} satisfies Record<CheckState, string> as Record<CheckState, string>,
	noChecks: "Nothing is watched yet",
	noChecksText: "What the hub depends on will stand here as soon as it is watched.",

	events: "Recent events",
	eventsLive: "live",
	eventsNotLive: "not live at the moment",
	noEvents: "Nothing has happened yet",
	noEventsText: "Sign-ins, messages and changes will stand here as they happen.",
	you: "You",
	page: "This page",
	happened: {
		"user:login": () => "You signed in",
		"user:logout": (data: Said) => LOGOUT[data("reason")] ?? "A session of yours ended",
		"theme:changed": (data: Said) => `Theme: ${THEMES[data("theme")] ?? data("theme")}`,
		"language:changed": (data: Said) => `Language: ${data("locale") === "fr" ? "French" : "English"}`,
		"app:error": (data: Said) => `${data("app")} reported an error: ${data("message")}`,
		"notification:show": (data: Said) => data("message"),
		"network:status": (data: Said) => (data("online") === "true" ? "The network is back" : "The network went away"),
		"cache:invalidated": (data: Said) =>
			data("what") === "" ? "The list of applications was changed" : "The cache was made to forget something",
		"resilience:changed": () => "Something that the hub calls failed, or is back",
	} as Readonly<Record<string, (data: Said) => string>>,
	otherEvent: (area: string, what: string) => `${area}: ${what}`,
};

/** Returns a field of an event's data as text, empty when it is absent. */
export type Said = (field: string) => string;

export type Messages = typeof en;
