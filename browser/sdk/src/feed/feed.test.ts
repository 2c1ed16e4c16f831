import { type Api, ApiProblem, problemType } from "@mainhub/sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed, type FeedState } from "./feed.js";

const DOWN = new ApiProblem({ type: problemType("unavailable"), status: 503 });

function feed(api: Api) {
	const leave = new AbortController();
	const states: FeedState<number>[] = [];
	const page = Object.assign(new EventTarget(), { hidden: false });
	const parse = (answer: unknown) => {
		if (typeof answer !== "number") {
			throw new TypeError("no number");
		}
		return answer;
	};
	const world = {
		api,
		path: () => "/healthz",
		parse,
		periodSeconds: 10,
		page: page as unknown as Document,
		now: () => new Date(),
	};
	const made = new Feed(world, (state) => states.push(state));
	made.start(leave.signal);
	return { made, leave, states, page, kinds: () => states.map((state) => state.kind) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("asks in the background every 10 s while it is seen, and at once when it is seen again", async () => {
	const api = vi.fn().mockResolvedValue(1);
	const { page } = feed(api);
	await vi.advanceTimersByTimeAsync(20_000);
	expect(api.mock.calls.map(([, init]) => init.background)).toEqual([false, true, true]);
	page.hidden = true;
	await vi.advanceTimersByTimeAsync(60_000);
	expect(api).toHaveBeenCalledTimes(3);
	page.hidden = false;
	page.dispatchEvent(new Event("visibilitychange"));
	expect(api).toHaveBeenCalledTimes(4);
});

test("keeps the last answer while there is none, since when, and heals by itself", async () => {
	const api = vi
		.fn()
		.mockResolvedValueOnce(1)
		.mockRejectedValueOnce(DOWN)
		.mockRejectedValueOnce(DOWN)
		.mockResolvedValue(2);
	const { states, kinds } = feed(api);
	await vi.advanceTimersByTimeAsync(30_000);
	expect(kinds()).toEqual(["fresh", "stale", "stale", "stale", "stale", "fresh"]);
	const since = states.map((state) => (state.kind === "stale" ? state.since.getTime() : 0)).filter(Boolean);
	expect(new Set(since).size).toBe(1);
	expect(states.at(-1)).toMatchObject({ kind: "fresh", value: 2 });
});

test.each([["not-signed-in"], ["missing-role"]])("does not ask again by itself after %s", async (name) => {
	const api = vi.fn().mockRejectedValue(new ApiProblem({ type: problemType(name), status: 403 }));
	const { states } = feed(api);
	await vi.advanceTimersByTimeAsync(120_000);
	expect(api).toHaveBeenCalledTimes(1);
	expect(states).toMatchObject([{ kind: "failed", nextAt: null }]);
});

test("asks once more when something happened while an answer was on its way", async () => {
	let answer: (value: number) => void = () => {};
	const api = vi
		.fn()
		.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
		.mockResolvedValue(2);
	const { made, states } = feed(api);
	made.tick();
	made.tick();
	expect(api).toHaveBeenCalledTimes(1);
	answer(1);
	await vi.advanceTimersByTimeAsync(0);
	expect(api).toHaveBeenCalledTimes(2);
	expect(states).toMatchObject([{ kind: "fresh", value: 2 }]);
});

test("takes an answer that it cannot read for a failure, and is quiet once the person has left", async () => {
	const api = vi.fn().mockResolvedValue("<html>");
	const { states, leave } = feed(api);
	await vi.advanceTimersByTimeAsync(0);
	expect(states).toMatchObject([{ kind: "failed", problem: { type: problemType("unreadable") } }]);
	leave.abort();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(api).toHaveBeenCalledTimes(1);
});
