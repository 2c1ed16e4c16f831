import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventStream } from "./stream.js";
import { FakeHub, PERSON, settled } from "./testing.js";

function made(cursor: string | null = null, ...refusals: FakeHub["refusals"]) {
	const hub = new FakeHub();
	hub.refusals.push(...refusals);
	const hears = { event: vi.fn(), gap: vi.fn(), link: vi.fn(), ended: vi.fn(), other: vi.fn() };
	const stream = new EventStream({ fetch: hub.fetch, random: () => 1, person: PERSON }, hears);
	const stop = new AbortController();
	let isOver = false;
	const run = stream.run(cursor, stop.signal).then(() => {
		isOver = true;
	});
	return { hub, hears, stream, stop, run, isOver: () => isOver };
}

/** Moves the clock to just before *seconds*, then past them. */
async function after(seconds: number, before: () => void, then: () => void): Promise<void> {
	await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
	before();
	await vi.advanceTimersByTimeAsync(1);
	then();
}

describe("EventStream", () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	test("asks in the background, and tells what comes", async () => {
		const { hub, hears } = made();
		await settled();
		expect(hub.last.headers.get("x-mainhub-background")).toBe("1");
		expect(hub.last.headers.get("last-event-id")).toBeNull();
		hub.last.hello();
		hub.last.event("e-1");
		await settled();
		expect(hears.link).toHaveBeenCalledExactlyOnceWith("live", "e-0");
		expect(JSON.parse(hears.event.mock.calls[0]?.[0])).toMatchObject({ id: "e-1" });
	});

	test("goes on from the last event after the connection was lost", async () => {
		const { hub, hears } = made("e-3");
		await settled();
		expect(hub.last.headers.get("last-event-id")).toBe("e-3");
		hub.last.hello({ cursor: "e-3" });
		hub.last.event("e-4");
		hub.last.close();
		await settled();
		expect(hears.link).toHaveBeenLastCalledWith("trying", "e-4");
		await after(
			2,
			() => expect(hub.fetch).toHaveBeenCalledTimes(1),
			() => expect(hub.fetch).toHaveBeenCalledTimes(2),
		);
		expect(hub.last.headers.get("last-event-id")).toBe("e-4");
	});

	test("resumes from the beginning when nothing has happened yet", async () => {
		const { hub } = made();
		await settled();
		hub.last.hello({ cursor: "e-9" });
		hub.last.close();
		await vi.advanceTimersByTimeAsync(2100);
		expect(hub.last.headers.get("last-event-id")).toBe("e-9");
	});

	test("waits longer and longer, up to 30 s, and begins anew once it was live", async () => {
		const { hub, hears } = made(null, ...Array.from({ length: 7 }, () => new TypeError("no network")));
		for (const [index, seconds] of [2, 4, 8, 16, 30, 30].entries()) {
			await after(
				seconds,
				() => expect(hub.fetch).toHaveBeenCalledTimes(index + 1),
				() => expect(hub.fetch).toHaveBeenCalledTimes(index + 2),
			);
		}
		expect(hears.link.mock.calls.slice(0, 3).map(([link]) => link)).toEqual(["trying", "away", "away"]);
		await vi.advanceTimersByTimeAsync(30_000);
		hub.last.hello();
		await settled();
		hub.last.close();
		await after(
			2,
			() => expect(hub.fetch).toHaveBeenCalledTimes(8),
			() => expect(hub.fetch).toHaveBeenCalledTimes(9),
		);
	});

	test("takes 2.5 beats of silence for death, and a comment for life", async () => {
		const { hub } = made();
		await settled();
		hub.last.hello({ heartbeat_seconds: 4 });
		await vi.advanceTimersByTimeAsync(9000);
		hub.last.say(": beat\n\n");
		await after(
			10,
			() => expect(hub.last.signal.aborted).toBe(false),
			() => expect(hub.last.signal.aborted).toBe(true),
		);
		await vi.advanceTimersByTimeAsync(2000);
		expect(hub.connections).toHaveLength(2);
	});

	test("does not wait for ever to be answered", async () => {
		const { hub } = made(null, "silence");
		await vi.advanceTimersByTimeAsync(17_100);
		expect(hub.connections).toHaveLength(1);
	});

	test.each([
		["signed-out", null],
		["revoked", "Ada"],
		["expired", null],
		["provider", null],
	])("is over for good: %s", async (reason, by) => {
		const { hub, hears, run } = made();
		await settled();
		hub.last.hello();
		hub.last.end(reason, by);
		await run;
		expect(hears.ended).toHaveBeenCalledExactlyOnceWith(reason, by);
	});

	test.each(["slow", "draining", "unavailable"])("comes back after %s", async (reason) => {
		const { hub, isOver } = made();
		await settled();
		hub.last.hello();
		hub.last.end(reason);
		await vi.advanceTimersByTimeAsync(2100);
		expect(hub.connections).toHaveLength(2);
		expect(isOver()).toBe(false);
	});

	test("a replaced session goes on when the same person has signed in anew", async () => {
		const { hub, hears } = made();
		await settled();
		hub.last.hello();
		hub.last.end("replaced");
		await settled();
		hub.last.hello();
		await settled();
		expect(hub.connections).toHaveLength(2);
		expect(hears.ended).not.toHaveBeenCalled();
	});

	test("a replaced session is over within a second when nobody is signed in here", async () => {
		const { hub, hears } = made();
		await settled();
		hub.last.hello();
		hub.refusals.push(401, 401, 401, 401);
		hub.last.end("replaced", "Ada");
		await vi.advanceTimersByTimeAsync(900);
		expect(hears.ended).toHaveBeenCalledExactlyOnceWith("replaced", "Ada");
	});

	test("says when the browser belongs to another person", async () => {
		const { hub, hears, run } = made();
		await settled();
		hub.last.hello({ person: "person-2" });
		hub.last.event("e-1");
		await run;
		expect(hears.other).toHaveBeenCalledOnce();
		expect(hears.event).not.toHaveBeenCalled();
	});

	test("believes a 401 when it is said twice: another tab may be signing in", async () => {
		const { hub, hears } = made(null, 401);
		await vi.advanceTimersByTimeAsync(500);
		expect(hears.ended).not.toHaveBeenCalled();
		hub.last.hello();
		hub.refusals.push(401, 401);
		await settled();
		hub.last.close();
		await vi.advanceTimersByTimeAsync(3000);
		expect(hears.ended).toHaveBeenCalledExactlyOnceWith("unknown", null);
	});

	test("starts anew when the hub does not know the cursor, and says that something may be missing", async () => {
		const { hub, hears } = made("gone-1", 400);
		await settled();
		await settled();
		expect(hears.gap).toHaveBeenCalledExactlyOnceWith("lost");
		expect(hub.last.headers.get("last-event-id")).toBeNull();
	});

	test("hands on what the hub says of a gap", async () => {
		const { hub, hears } = made("old-7");
		await settled();
		hub.last.hello({ cursor: "new-0" });
		hub.last.say('event: gap\ndata: {"reason":"restarted"}\n\n');
		await settled();
		expect(hears.gap).toHaveBeenCalledExactlyOnceWith("restarted");
	});

	test.each([
		[429, null, 5],
		[503, "12", 12],
		[503, "9999", 300],
		[502, null, 2],
		[404, null, 30],
	])("after %i with retry-after %s asks again in %i s", async (status, retryAfter, seconds) => {
		const { hub } = made(null, retryAfter === null ? status : { status, retryAfter });
		await after(
			seconds,
			() => expect(hub.fetch).toHaveBeenCalledTimes(1),
			() => expect(hub.fetch).toHaveBeenCalledTimes(2),
		);
	});

	test("closes at once when the network goes, and comes back at once with it", async () => {
		const { hub, stream } = made();
		await settled();
		hub.last.hello();
		await settled();
		stream.drop();
		expect(hub.last.signal.aborted).toBe(true);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(hub.fetch).toHaveBeenCalledTimes(1);
		stream.nudge();
		await settled();
		expect(hub.fetch).toHaveBeenCalledTimes(2);
	});

	test("a look at the page renews a connection that has been silent, and leaves a lively one", async () => {
		const { hub, stream } = made();
		await settled();
		hub.last.hello();
		await vi.advanceTimersByTimeAsync(20_000);
		stream.nudge();
		await settled();
		expect(hub.connections).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(5000);
		stream.nudge();
		await settled();
		await settled();
		expect(hub.connections).toHaveLength(2);
	});

	test("ends with its signal, wherever it stands", async () => {
		const reading = made();
		await settled();
		reading.stop.abort();
		await reading.run;
		const waiting = made(null, 503);
		await settled();
		waiting.stop.abort();
		await waiting.run;
		expect(vi.getTimerCount()).toBe(0);
	});
});
