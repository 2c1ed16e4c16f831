export const en = {
	refusedMark: "Access refused",
	refusedText: (roles: string) => `It needs the role ${roles}.`,
	refusedYours: (roles: string) => `You have ${roles}.`,
	refusedNone: "You are signed in, but without a role.",
	askSupport: (support: string) => `${support} grants roles.`,
	askAnybody: "Whoever administers this hub grants roles; give the trace with your request.",
	refusedAfter: "When the role is granted, sign out and in again, then open this page.",
	notFoundText: "The link may be old, or mistyped. Nothing is wrong with your session.",
	address: "Address",
	whatHelps: "What helps",
};

export type PageWords = typeof en;
