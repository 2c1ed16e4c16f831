import { type Api, ApiProblem, problemType } from "@mainhub/sdk";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OrdersFeed, type OrdersState } from "./orders-feed.js";

const ANSWER = { items: [], counts: { open: 0, to_approve: 0, late: 0 }, as_of: "2026-11-22T14:32:00Z" };
const DOWN = new ApiProblem({ type: problemType("upstream-unreachable"), status: 502 });

function feed(api: Api) {
	const controller = new AbortController();
	const states: OrdersState[] = [];
	const page = Object.assign(new EventTarget(), { hidden: false });
	const world = { api, page: page as unknown as Document, now: () => new Date() };
	const made = new OrdersFeed(world, (state) => states.push(state));
	return {
		feed: { start: (signal = controller.signal) => made.start(signal), changed: () => made.changed() },
		states,
		page,
		controller,
		kinds: () => states.map((state) => state.kind),
	};
}

describe("OrdersFeed", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	test("asks every 10 s", async () => {
		const api = vi.fn().mockResolvedValue(ANSWER);
		feed(api).feed.start();
		await vi.advanceTimersByTimeAsync(29_000);
		expect(api).toHaveBeenCalledTimes(3);
	});

	test("keeps the last orders while the service is down, and heals by itself", async () => {
		const api = vi.fn().mockResolvedValueOnce(ANSWER).mockRejectedValueOnce(DOWN).mockResolvedValue(ANSWER);
		const { feed: orders, states, kinds } = feed(api);
		orders.start();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(kinds()).toEqual(["fresh", "stale"]);
		expect(states[1]).toMatchObject({ problem: DOWN, isTrying: false });
		await vi.advanceTimersByTimeAsync(10_000);
		expect(kinds()).toEqual(["fresh", "stale", "stale", "fresh"]);
		expect(states[2]).toMatchObject({ isTrying: true });
	});

	test("remembers since when there is no answer", async () => {
		const { feed: orders, states } = feed(vi.fn().mockRejectedValue(DOWN));
		orders.start();
		await vi.advanceTimersByTimeAsync(25_000);
		const since = states.map((state) => (state.kind === "failed" ? state.since.getTime() : 0));
		expect(new Set(since).size).toBe(1);
	});

	test("does not ask again when the role is missing", async () => {
		const refused = new ApiProblem({ type: problemType("missing-role"), status: 403, needs: ["Admin"] });
		const api = vi.fn().mockRejectedValue(refused);
		const { feed: orders, kinds } = feed(api);
		orders.start();
		await vi.advanceTimersByTimeAsync(120_000);
		expect(api).toHaveBeenCalledTimes(1);
		expect(kinds()).toEqual(["refused"]);
	});

	test("does not ask while the page is hidden, and at once when it is seen again", async () => {
		const api = vi.fn().mockResolvedValue(ANSWER);
		const { feed: orders, page } = feed(api);
		orders.start();
		page.hidden = true;
		await vi.advanceTimersByTimeAsync(60_000);
		expect(api).toHaveBeenCalledTimes(1);
		page.hidden = false;
		page.dispatchEvent(new Event("visibilitychange"));
		expect(api).toHaveBeenCalledTimes(2);
	});

	test("waits as long as the problem says, up to a minute", async () => {
		const retryAt = new Date(Date.now() + 3_600_000);
		const api = vi.fn().mockRejectedValue(new ApiProblem({ ...DOWN, retryAt }));
		feed(api).feed.start();
		await vi.advanceTimersByTimeAsync(59_000);
		expect(api).toHaveBeenCalledTimes(1);
		await vi.advanceTimersByTimeAsync(2_000);
		expect(api).toHaveBeenCalledTimes(2);
	});

	test("says nothing after it has ended", async () => {
		const { feed: orders, states, controller } = feed(vi.fn().mockRejectedValue(DOWN));
		orders.start();
		controller.abort();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(states).toEqual([]);
	});

	test("starts again where it was ended, even while an answer was awaited", async () => {
		const api = vi
			.fn()
			.mockResolvedValueOnce(ANSWER)
			.mockReturnValueOnce(new Promise(() => {}))
			.mockResolvedValue(ANSWER);
		const { feed: orders, controller, page, kinds } = feed(api);
		orders.start();
		await vi.advanceTimersByTimeAsync(10_000);
		controller.abort();
		orders.start(new AbortController().signal);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(kinds()).toEqual(["fresh", "fresh", "fresh"]);
		page.hidden = true;
		await vi.advanceTimersByTimeAsync(10_000);
		page.hidden = false;
		page.dispatchEvent(new Event("visibilitychange"));
		expect(api).toHaveBeenCalledTimes(5);
	});

	test("does not ask again by itself when the session has ended", async () => {
		const ended = new ApiProblem({ type: problemType("not-signed-in"), status: 401 });
		const api = vi.fn().mockResolvedValueOnce(ANSWER).mockRejectedValue(ended);
		const { feed: orders, states, kinds } = feed(api);
		orders.start();
		await vi.advanceTimersByTimeAsync(120_000);
		expect(api).toHaveBeenCalledTimes(2);
		expect(kinds()).toEqual(["fresh", "stale"]);
		expect(states[1]).toMatchObject({ problem: ended, nextAt: null, isTrying: false });
	});

	test("asks once more when an order changed while an answer was on its way", async () => {
		const api = vi.fn().mockResolvedValue(ANSWER);
		const { feed: orders } = feed(api);
		orders.start();
		orders.changed();
		orders.changed();
		expect(api).toHaveBeenCalledTimes(1);
		await vi.advanceTimersByTimeAsync(0);
		expect(api).toHaveBeenCalledTimes(2);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(api).toHaveBeenCalledTimes(3);
	});

	test("takes an answer that it cannot read for a failure", async () => {
		const { feed: orders, states } = feed(vi.fn().mockResolvedValue("<html>"));
		orders.start();
		await vi.advanceTimersByTimeAsync(0);
		expect(states).toMatchObject([{ kind: "failed", problem: { type: problemType("unreadable") } }]);
	});
});
