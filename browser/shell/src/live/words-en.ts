import type { EndReason } from "./wire.js";

const ended: Record<EndReason, (by: string | null) => string> = {
	"signed-out": () => "You signed out in another tab or window of this browser.",
	revoked: (by) =>
		by === null ? "It was ended from the list of sessions." : `${by} ended it, from the list of sessions.`,
	replaced: () => "A newer sign-in has taken its place.",
	expired: () => "It reached its time limit: too long without use, or the longest time that a session may last.",
	provider: () => "The identity provider ended it: you signed out there, or your account may no longer sign in.",
	unknown: () => "The hub does not know it any more.",
};

export const en = {
	endedTitle: "Your session has ended",
	ended,
	endedMark: (time: string) => `Since ${time}`,
	whatNow: "What this means",
	saved: "What you saved is kept, and stands there again when you have signed in.",
	unsaved:
		"What you typed in this tab and did not save is gone. The page was taken away so that nobody else reads it on this device.",
	covered:
		"What you typed in this tab is still there, covered so that nobody else reads it on this device. It comes back when you sign in here, and is gone when the tab is closed or reloaded.",
	signInAgain: "Sign in",
	uncover: "A window opens; this page then goes on where it was.",
	comeBack: "You then come back to this page.",
	otherTitle: "Somebody else is signed in now",
	otherCause: (name: string) =>
		`This page was ${name}’s. In another tab of this browser, another account has signed in since.`,
	otherNext: "Reloading shows this address as the account that is signed in now sees it.",
	reload: "Reload",
	offline: "You are offline.",
	stillWorks: "You can read, but not save.",
	away: "The hub does not answer.",
	backAgain: "Connected again.",
	applicationsChanged: "Your applications have changed. Reload the page to use them as they are now.",
};

export type LiveWords = typeof en;
