import { expect, test } from "vitest";
import { askStanding } from "./standing.js";

const session = {
	user: { id: "person-1" },
	idle_expires_at: "2026-11-22T14:32:00Z",
	expires_at: "2026-11-22T22:00:00Z",
};

const answering = (body: unknown, init: ResponseInit = {}) =>
	askStanding(async () => new Response(JSON.stringify(body), init));

test("reads whose session it is, and when it ends", async () => {
	expect(await answering(session)).toEqual({
		person: "person-1",
		idleEnds: Date.parse("2026-11-22T14:32:00Z"),
		ends: Date.parse("2026-11-22T22:00:00Z"),
	});
});

test("counts by this computer's clock, however wrong it is", async () => {
	const hubsClock = new Date(Date.now() - 3600_000).toUTCString();
	const found = await answering(session, { headers: { date: hubsClock } });
	const idleEnds = typeof found === "string" ? 0 : found.idleEnds;
	expect(idleEnds - Date.parse("2026-11-22T15:32:00Z")).toBeLessThan(2000);
	expect(idleEnds - Date.parse("2026-11-22T15:32:00Z")).toBeGreaterThanOrEqual(0);
});

test("knows nobody from no answer", async () => {
	expect(await answering({}, { status: 401 })).toBe("nobody");
	expect(await answering({}, { status: 503 })).toBe("unknown");
	expect(await answering({ ...session, idle_expires_at: "soon" })).toBe("unknown");
	expect(await askStanding(() => Promise.reject(new TypeError("offline")))).toBe("unknown");
});
