import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HubLink } from "./link.js";
import { FakeHub, PERSON, settled } from "./testing.js";

/** What the tabs of one browser share. */
class Browser {
	readonly #queue = new Map<string, (() => void)[]>();
	readonly #channels = new Map<string, Set<FakeChannel>>();

	/** A lock that its holder's promise, or the end of its tab, releases. */
	locks(gone: AbortSignal) {
		return {
			request: async (name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<unknown>) => {
				const waiting = this.#queue.get(name) ?? [];
				this.#queue.set(name, waiting);
				await new Promise<void>((resolve, reject) => {
					waiting.push(resolve);
					signal.addEventListener("abort", () => reject(signal.reason));
					if (waiting.length === 1) {
						resolve();
					}
				});
				const left = new Promise((resolve) => gone.addEventListener("abort", resolve));
				await Promise.race([hold(), left]);
				waiting.shift();
				waiting[0]?.();
			},
		} as unknown as LockManager;
	}

	channel(name: string): FakeChannel {
		const others = this.#channels.get(name) ?? new Set();
		this.#channels.set(name, others);
		const made = new FakeChannel(others);
		others.add(made);
		return made;
	}
}

class FakeChannel {
	onmessage: ((event: { data: unknown }) => void) | null = null;
	readonly #all: Set<FakeChannel>;

	constructor(all: Set<FakeChannel>) {
		this.#all = all;
	}

	postMessage(data: unknown): void {
		for (const other of this.#all) {
			if (other !== this) {
				queueMicrotask(() => other.onmessage?.({ data: structuredClone(data) }));
			}
		}
	}

	close(): void {
		this.#all.delete(this);
	}
}

function tab(hub: FakeHub, browser: Browser | null, person = PERSON) {
	const gone = new AbortController();
	const page = { arrived: vi.fn(), gap: vi.fn(), link: vi.fn(), ended: vi.fn(), other: vi.fn() };
	const channels: FakeChannel[] = [];
	const link = new HubLink(
		{
			// The requests of a tab end with it.
			fetch: (url, init) =>
				hub.fetch(url, { ...init, signal: AbortSignal.any([gone.signal, init.signal as AbortSignal]) }),
			random: () => 1,
			person,
			locks: browser?.locks(gone.signal),
			channel:
				browser === null
					? undefined
					: (name) => {
							const made = browser.channel(name);
							channels.push(made);
							return made as unknown as BroadcastChannel;
						},
		},
		page,
	);
	link.start();
	const close = () => {
		for (const channel of channels) {
			channel.close();
		}
		gone.abort();
	};
	return {
		...page,
		close,
		signedOut: () => link.signedOut(),
		ids: () => page.arrived.mock.calls.map(([{ event }]) => event.id),
	};
}

describe("HubLink", () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	test("seven tabs of a person share one stream, and all hear it", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const tabs = Array.from({ length: 7 }, () => tab(hub, browser));
		await settled();
		hub.last.hello();
		hub.last.event("e-1");
		await settled();
		expect(hub.connections).toHaveLength(1);
		for (const one of tabs) {
			expect(one.ids()).toEqual(["e-1"]);
			expect(one.link).toHaveBeenLastCalledWith("live");
		}
	});

	test("another person's tabs have a stream of their own", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		tab(hub, browser);
		tab(hub, browser, "person-2");
		await settled();
		expect(hub.connections).toHaveLength(2);
	});

	test("the next tab takes over from the last event that it heard", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const first = tab(hub, browser);
		const second = tab(hub, browser);
		await settled();
		hub.last.hello();
		hub.last.event("e-1");
		await settled();
		first.close();
		await settled();
		expect(hub.connections).toHaveLength(2);
		expect(hub.last.headers.get("last-event-id")).toBe("e-1");
		hub.last.hello({ cursor: "e-1" });
		hub.last.event("e-2");
		await settled();
		expect(second.ids()).toEqual(["e-1", "e-2"]);
	});

	test("a new tab learns at once how things stand, and where", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const first = tab(hub, browser);
		await settled();
		hub.last.hello();
		hub.last.event("e-1");
		await settled();
		const second = tab(hub, browser);
		await settled();
		expect(second.link).toHaveBeenLastCalledWith("live");
		first.close();
		await settled();
		expect(hub.last.headers.get("last-event-id")).toBe("e-1");
	});

	test("a gap is every tab's", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const tabs = [tab(hub, browser), tab(hub, browser)];
		await settled();
		hub.last.say('event: gap\ndata: {"reason":"overflow"}\n\n');
		await settled();
		for (const one of tabs) {
			expect(one.gap).toHaveBeenCalledExactlyOnceWith("overflow");
		}
	});

	test("the end is told to every tab, and none asks again", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const tabs = Array.from({ length: 3 }, () => tab(hub, browser));
		await settled();
		hub.last.hello();
		hub.last.end("revoked", "Ada");
		await settled();
		for (const one of tabs) {
			expect(one.ended).toHaveBeenCalledExactlyOnceWith("revoked", "Ada");
		}
		await vi.advanceTimersByTimeAsync(60_000);
		expect(hub.fetch).toHaveBeenCalledOnce();
	});

	test("signed in again, a new tab takes the lead although the old ones still stand", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		tab(hub, browser);
		await settled();
		hub.last.end("expired");
		await settled();
		const next = tab(hub, browser);
		await vi.advanceTimersByTimeAsync(2100);
		hub.last.hello();
		hub.last.event("f-1");
		await settled();
		expect(next.ids()).toEqual(["f-1"]);
	});

	test("another person's sign-in is told to every tab", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const tabs = [tab(hub, browser), tab(hub, browser)];
		await settled();
		hub.last.hello({ person: "person-2" });
		await settled();
		for (const one of tabs) {
			expect(one.other).toHaveBeenCalledOnce();
		}
	});

	test("signing out is told to the other tabs even without a stream, and not to this one", async () => {
		const hub = new FakeHub();
		hub.refusals.push(404, 404);
		const browser = new Browser();
		const [here, there] = [tab(hub, browser), tab(hub, browser)];
		await settled();
		here.signedOut();
		await settled();
		expect(there.ended).toHaveBeenCalledExactlyOnceWith("signed-out", null);
		expect(here.ended).not.toHaveBeenCalled();
	});

	test("without locks every tab has its own stream", async () => {
		const hub = new FakeHub();
		const tabs = [tab(hub, null), tab(hub, null)];
		await settled();
		expect(hub.connections).toHaveLength(2);
		for (const connection of hub.connections) {
			connection.hello();
			connection.event("e-1");
		}
		await settled();
		expect(tabs.map((one) => one.ids())).toEqual([["e-1"], ["e-1"]]);
	});

	test("passes over what is no event, and what tabs of another make say", async () => {
		const hub = new FakeHub();
		const browser = new Browser();
		const one = tab(hub, browser);
		const stranger = browser.channel(`mainhub-events-1-${PERSON}`);
		await settled();
		hub.last.say("id: e-1\ndata: nonsense\n\n");
		hub.last.event("e-2", { timestamp: "never" });
		hub.last.event("e-3", { by: { id: "1", name: "Ada" }, tab: "t" });
		for (const message of [null, "x", { kind: "later" }, { kind: "event", data: 7 }, { kind: "link", link: "x" }]) {
			stranger.postMessage(message);
		}
		await settled();
		expect(one.ids()).toEqual(["e-3"]);
		expect(one.arrived.mock.calls[0]?.[0]).toMatchObject({ tab: "t", event: { by: { id: "1", name: "Ada" } } });
	});
});
