import type { HubEvent } from "@mainhub/sdk";
import { describe, expect, test } from "vitest";
import { en } from "./en.js";
import { eventText } from "./events-card.js";
import { fr } from "./fr.js";
import { gathered } from "./happenings.js";

function event(id: string | null, type: string, second: number, changes: Partial<HubEvent> = {}): HubEvent {
	return { id, type, timestamp: new Date(second * 1000), source: "MainHub", data: {}, by: null, ...changes };
}

describe("gathered", () => {
	test("lists each event once, newest first, whichever way it came", () => {
		const one = event("e-1", "user:login", 1);
		const two = event("e-2", "orders:changed", 5);
		expect(gathered([one, two], [two, one]).map(({ id }) => id)).toEqual(["e-2", "e-1"]);
	});

	test("takes the page's own event and the hub's for one, but not the same thing said later", () => {
		const chosen = { source: "shell", data: { theme: "dark" } };
		const own = event(null, "theme:changed", 100, chosen);
		const later = event(null, "theme:changed", 500, chosen);
		expect(gathered([event("e-9", "theme:changed", 101, chosen)], [own, later])).toEqual([
			later,
			event("e-9", "theme:changed", 101, chosen),
		]);
		expect(gathered([event("e-9", "theme:changed", 101, { ...chosen, data: { theme: "light" } })], [own])).toHaveLength(
			2,
		);
	});

	test("leaves out the page's housekeeping, and what is long past", () => {
		const noise = ["app:loaded", "app:unloaded", "link", "gap"].map((type) => event(null, type, 1));
		const many = Array.from({ length: 200 }, (_, at) => event(`e-${at}`, "a:b", at));
		const events = gathered(noise, many);
		expect(events).toHaveLength(30);
		expect(events[0]?.id).toBe("e-199");
	});
});

describe("eventText", () => {
	const text = (type: string, data = {}, words = en, summary = "") => eventText({ type, data }, words, summary);

	test("says what happened in the words of people", () => {
		expect(text("user:logout", { reason: "revoked" })).toBe("A session of yours was ended");
		expect(text("theme:changed", { theme: "dark" }, fr)).toBe("Thème\u00a0: sombre");
		expect(text("notification:show", { message: "Line B stops" })).toBe("Line B stops");
		expect(text("network:status", { online: false })).toBe("The network went away");
	});

	test("uses the operator's words for their own types, else the type's", () => {
		expect(text("orders:changed", {}, en, "An order has changed.")).toBe("An order has changed.");
		expect(text("orders:changed")).toBe("Orders: changed");
		expect(text("constructor:x")).toBe("Constructor: x");
		expect(text("user:logout", { reason: "__proto__" })).not.toContain("object");
	});

	test("shows no object, whatever the data is", () => {
		expect(text("notification:show", { message: { html: "<b>" } })).toBe("Notification: show");
	});
});
