import type { FailureKind } from "../failure.js";

const load: Record<FailureKind, (facts: { status: number | null; tries: number; seconds: number }) => string> = {
	network: ({ tries }) =>
		`Its file could not be fetched, ${count(tries, "try", "tries")} in a row: the network did not carry the request.`,
	timeout: ({ seconds }) => `Its file did not arrive within ${seconds} s.`,
	server: ({ status, tries }) =>
		`The server that holds its file answered ${status}, ${count(tries, "try", "tries")} in a row.`,
	missing: ({ status }) =>
		status === null
			? "It is registered, but the version of the hub that runs here does not contain its file."
			: `Its file is not there: the server answered ${status}. The published version is incomplete.`,
	status: ({ status }) => `The server refused its file with status ${status}.`,
	integrity: () =>
		"Its file is not the one that was published, so it was not run. It may have been changed on the way.",
	evaluation: () => "Its file arrived, but stopped with an error as soon as it was started.",
	stuck: ({ seconds }) => `Its file arrived, but did not finish starting within ${seconds} s.`,
	contract: () => "Its file arrived, but offers nothing that the hub could display.",
	"not-open": () => "It is not, or no longer, among what is open to you.",
	mount: () => "It arrived, but stopped with an error while it was being displayed.",
	"mount-timeout": ({ seconds }) => `It arrived, but did not finish displaying within ${seconds} s.`,
};

function count(tries: number, one: string, many: string): string {
	return `${tries} ${tries === 1 ? one : many}`;
}

export const en = {
	skip: "Skip to content",
	home: "Home",
	applications: "Applications",
	account: "Account",
	mainNavigation: "Main",
	breadcrumb: "Breadcrumb",
	development: "Development · simulated sign-in",
	roles: "Roles",
	noRole: "No role",
	language: "Language",
	theme: "Theme",
	themeLight: "Light",
	themeDark: "Dark",
	themeSystem: "System",
	mySessions: "My sessions",
	signOut: "Sign out",
	signOutFailed: "The hub did not confirm that you are signed out. Please try again.",
	close: "Close",
	notifications: "Messages",
	noApplications: "No application is open to you yet.",
	loading: (name: string) => `Loading ${name}`,
	opened: (name: string) => `${name}, page opened`,
	failed: "does not display",
	failedTitle: (name: string) => `${name} did not load`,
	notLost: "The rest of the hub works, and nothing that you saved is lost.",
	retry: "Retry",
	whatHappened: "What happened",
	stepLoad: "Loading",
	stepMount: "Display",
	stepDone: "done",
	cause: load,
	outcome: {
		network: "no connection",
		timeout: "no answer in time",
		server: "server error",
		missing: "file not found",
		status: "refused",
		integrity: "not the published file",
		evaluation: "error on start",
		stuck: "never finished starting",
		contract: "nothing to display",
		"not-open": "not open",
		mount: "error",
		"mount-timeout": "never finished",
	} satisfies Record<FailureKind, string> as Record<FailureKind, string>,
	colon: ": ",
	trace: "Trace",
	copyTrace: (trace: string) => `Copy trace ${trace}`,
	copied: "Copied",
	lateTitle: (name: string) => `Part of ${name} stopped with an error.`,
	lateText: "You can go on working. If something no longer reacts, start it again.",
	restart: "Start again",
	dismiss: "Dismiss",
	refusedTitle: (name: string) => `${name} is not open to you`,
	notFoundTitle: "There is nothing at this address",
};

export type Messages = typeof en;
