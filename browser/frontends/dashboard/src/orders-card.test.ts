import { type Api, ApiProblem, type HubEvent, type HubEventHandler, problemType, type WidgetProps } from "@mainhub/sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OrdersCard } from "./orders-card.js";
import "./orders-card.js";

const ANSWER = { items: [], counts: { open: 0, to_approve: 0, late: 0 }, as_of: "2026-11-22T14:32:00Z" };
const ENDED = new ApiProblem({ type: problemType("not-signed-in"), status: 401 });

function card(api: Api) {
	const leave = new AbortController();
	let changed: HubEventHandler = () => {};
	const bus = {
		on: (type: string, handler: HubEventHandler) => {
			changed = type === "orders:changed" ? handler : changed;
			return () => {
				changed = () => {};
			};
		},
	};
	const props = {
		api,
		bus,
		signal: leave.signal,
		user: { id: "1", name: "Linus", email: null, roles: ["Employee"], permissions: [], tenantId: null },
		locale: "en",
		support: null,
	} as unknown as WidgetProps;
	const made = Object.assign(document.createElement("orders-card") as OrdersCard, { props });
	document.body.append(made);
	return {
		made,
		leave,
		say: () => changed({} as HubEvent),
		text: () => made.shadowRoot?.textContent?.replace(/\s+/g, " ") ?? "",
	};
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	document.body.replaceChildren();
	vi.useRealTimers();
});

test("asks once every 10 s however often it is moved, and no more when it is taken away", async () => {
	const api = vi.fn().mockResolvedValue(ANSWER);
	const watch = vi.spyOn(document, "addEventListener");
	const { made } = card(api);
	const elsewhere = document.createElement("section");
	document.body.append(elsewhere);
	elsewhere.append(made);
	document.body.append(made);
	await vi.advanceTimersByTimeAsync(0);
	api.mockClear();
	await vi.advanceTimersByTimeAsync(20_000);
	expect(api).toHaveBeenCalledTimes(2);
	const signals = watch.mock.calls
		.filter(([type]) => type === "visibilitychange")
		.map(([, , options]) => (options as AddEventListenerOptions).signal?.aborted);
	expect(signals).toEqual([true, true, false]);
	made.remove();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(api).toHaveBeenCalledTimes(2);
});

test("says truthfully that the session has ended, and asks again when the person does", async () => {
	const api = vi.fn().mockRejectedValue(ENDED);
	const { made, text } = card(api);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(api).toHaveBeenCalledTimes(1);
	expect(text()).toContain("Your session has ended");
	expect(text()).toContain("Waiting until you sign in");
	expect(text()).not.toContain("not answering");
	const retry = made.shadowRoot?.querySelector<HTMLElement>("[data-testid=orders-retry]");
	expect(retry?.localName).toBe("button");
	retry?.click();
	expect(api).toHaveBeenCalledTimes(2);
	expect(api.mock.lastCall?.[1]).toMatchObject({ background: false });
});

test("stays quiet once the person has left", async () => {
	const api = vi.fn().mockResolvedValue(ANSWER);
	const { leave } = card(api);
	leave.abort();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(api).toHaveBeenCalledTimes(1);
});

test("asks at once, and not as the person, when an order is said to have changed", async () => {
	const api = vi.fn().mockResolvedValue(ANSWER);
	const { made, say } = card(api);
	await vi.advanceTimersByTimeAsync(0);
	say();
	expect(api).toHaveBeenCalledTimes(2);
	expect(api.mock.lastCall?.[1]).toMatchObject({ background: true });
	made.remove();
	await vi.advanceTimersByTimeAsync(0);
	say();
	expect(api).toHaveBeenCalledTimes(2);
});

test.each([
	["circuit-open", 503, new Date(2_000_000_000_000), "The hub leaves it alone for a while"],
	["circuit-open", 503, null, "An administrator has taken the service out of use"],
	["upstream-failed", 502, null, "answered with an error of its own"],
	["upstream-paused", 429, null, "asked too often"],
	["rate-limited", 429, null, "asked too often"],
	["bulkhead-full", 503, null, "by too many at once"],
])("says in plain words what %s (%i) means", async (name, status, retryAt, words) => {
	const problem = new ApiProblem({ type: problemType(name), status, retryAt });
	const { text } = card(vi.fn().mockRejectedValue(problem));
	await vi.advanceTimersByTimeAsync(0);
	expect(text()).toContain(words);
	expect(text()).not.toContain(String(status));
});
