export const en = {
	ended: "Your session has ended.",
	signedOut: {
		title: "Your session has ended",
		text: "Sign in again to go on. This page stays as it is, with what you have typed.",
		go: "Sign in",
	},
	"step-up": {
		title: "One more proof is needed",
		text: "For this you have to show once more that it is you, with a second factor for instance. A window of your identity provider opens; this page stays as it is.",
		go: "Go on",
	},
	login: {
		title: "Sign in again",
		text: "A window of your identity provider opens; this page stays as it is.",
		go: "Sign in",
	},
	waiting: "Go on in the window that has opened. When you are done, this page continues by itself.",
	failed: "That did not succeed. The other window says why.",
	openAgain: "Open the window again",
	here: "In this page instead",
	hereLoses: "“In this page instead” leaves this page, and what you have typed in it is lost.",
	cancel: "Cancel",
	repeat: "Confirmed. What you wanted to do was not carried out yet: please do it once more.",
	idleTitle: "Your session is about to end",
	idleText: "You have not used the hub for a while. Stay signed in, or the session ends by itself.",
	limitTitle: "Your session reaches its time limit",
	limitText: "No session may last longer. Sign in again, and this page goes on as it is.",
	left: "Time left",
	leftSaid: ({ minutes, seconds }: { minutes: number; seconds: number }) =>
		minutes > 0 ? `${minutes} min ${seconds} s left` : `${seconds} seconds left`,
	stay: "Stay signed in",
	signOut: "Sign out",
	stayFailed: "The hub did not answer. Please try again.",
};

export type SignInWords = typeof en;
