import type { HubEvent } from "@mainhub/sdk/core";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { EventBus, type Publish } from "./bus.js";

function made(publish: Publish = async () => {}) {
	const fault = vi.fn();
	const published = vi.fn(publish);
	return { events: new EventBus(published, fault), fault, published };
}

function event(id: string | null, type = "orders:changed", source = "MainHub"): HubEvent {
	return { id, type, timestamp: new Date(0), source, data: {}, by: null };
}

describe("EventBus", () => {
	let heard: string[];
	const hear = (name: string) => (told: HubEvent) => void heard.push(`${name} ${told.id ?? told.type}`);
	beforeEach(() => {
		heard = [];
	});

	test("calls those who listen to a type, to all types, and to one source", () => {
		const { events } = made();
		const bus = events.scoped("orders");
		bus.on("orders:changed", hear("type"));
		bus.on("*", hear("all"));
		bus.on("orders:changed", hear("stock"), { source: "stock" });
		events.deliver(event("a-1"));
		events.deliver(event("a-2", "orders:changed", "stock"));
		events.deliver(event("a-3", "stock:changed"));
		expect(heard).toEqual(["type a-1", "all a-1", "type a-2", "stock a-2", "all a-2", "all a-3"]);
	});

	test("tells an event once, however often it arrives", () => {
		const { events } = made();
		events.scoped("orders").on("*", hear("all"));
		for (const id of ["a-1", "a-2", "a-1", "a-2", "b-1"]) {
			events.deliver(event(id));
		}
		expect(heard).toEqual(["all a-1", "all a-2", "all b-1"]);
	});

	test("calls once those who listen once, and no more those who were put off", () => {
		const { events } = made();
		const bus = events.scoped("orders");
		const twice = hear("off");
		bus.once("orders:changed", hear("once"));
		bus.on("orders:changed", twice);
		bus.on("orders:changed", twice);
		const end = bus.on("orders:changed", hear("ended"));
		bus.off("orders:changed", twice);
		end();
		events.deliver(event("a-1"));
		events.deliver(event("a-2"));
		expect(heard).toEqual(["once a-1"]);
	});

	test("one may end another while they are called", () => {
		const { events } = made();
		const bus = events.scoped("orders");
		const ends: (() => void)[] = [];
		bus.on("orders:changed", () => ends[0]?.());
		ends.push(bus.on("orders:changed", hear("second")));
		events.deliver(event("a-1"));
		expect(heard).toEqual([]);
	});

	test("a handler that throws stops no other, and is told with its owner", () => {
		const { events, fault } = made();
		const planted = new Error("planted");
		events.scoped("orders").on("orders:changed", () => {
			throw planted;
		});
		events.scoped("stock").on("orders:changed", hear("stock"));
		events.deliver(event("a-1"));
		expect(heard).toEqual(["stock a-1"]);
		expect(fault).toHaveBeenCalledExactlyOnceWith("orders", planted);
	});

	test("releases everything when the owner's signal is aborted", () => {
		const { events } = made();
		const leaving = new AbortController();
		const bus = events.scoped("orders", leaving.signal);
		bus.on("orders:changed", hear("on"));
		bus.once("*", hear("once"));
		leaving.abort();
		bus.on("orders:changed", hear("late"));
		events.deliver(event("a-1"));
		expect(heard).toEqual([]);
	});

	test("off ends only what the same owner began", () => {
		const { events } = made();
		const handler = hear("both");
		events.scoped("orders").on("orders:changed", handler);
		events.scoped("stock").off("orders:changed", handler);
		events.deliver(event("a-1"));
		expect(heard).toEqual(["both a-1"]);
	});

	test("keeps 100 of each type, in the order of their arrival", () => {
		const { events } = made();
		for (let index = 0; index < 150; index++) {
			events.deliver(event(`a-${2 * index}`));
			events.deliver(event(`a-${2 * index + 1}`, "stock:changed"));
		}
		const { history } = events.scoped("orders");
		expect(history("orders:changed").map(({ id }) => id)).toHaveLength(100);
		expect(history("orders:changed")[0]?.id).toBe("a-100");
		expect(history().map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => `a-${100 + index}`));
		expect(history("never:seen")).toEqual([]);
	});

	test("says whether events arrive", () => {
		const { events } = made();
		const bus = events.scoped("orders");
		expect(bus.live).toBe(false);
		events.live = true;
		expect(bus.live).toBe(true);
	});
});

describe("emit", () => {
	test("tells this page at once, and then the hub", async () => {
		const { events, published } = made();
		const heard = vi.fn();
		const bus = events.scoped("orders");
		bus.on("orders:changed", heard);
		const sent = bus.emit("orders:changed", { id: 7 }, { roles: ["Editor"] });
		expect(heard).toHaveBeenCalledOnce();
		expect(heard.mock.calls[0]?.[0]).toMatchObject({ id: null, source: "orders", data: { id: 7 } });
		await sent;
		expect(published).toHaveBeenCalledExactlyOnceWith(heard.mock.calls[0]?.[0], ["Editor"]);
	});

	test("hands on a copy, as it would arrive elsewhere", async () => {
		const { events } = made();
		const bus = events.scoped("orders");
		const data = { list: [1], when: new Date(0) };
		await bus.emit("orders:changed", data);
		data.list.push(2);
		expect(bus.history("orders:changed")[0]?.data).toEqual({ list: [1], when: "1970-01-01T00:00:00.000Z" });
	});

	test("rejects when the hub refuses, though this page has heard it", async () => {
		const refusal = new Error("refused");
		const { events } = made(async () => Promise.reject(refusal));
		const bus = events.scoped("orders");
		await expect(bus.emit("orders:changed")).rejects.toBe(refusal);
		expect(bus.history()).toHaveLength(1);
	});

	test.each(["user:login", "user:logout", "user:x", "cache:invalidated", "resilience:changed", "gap", "link", "*"])(
		"never says %s",
		async (type) => {
			const { events, published } = made();
			const bus = events.scoped("orders");
			await expect(bus.emit(type)).rejects.toMatchObject({ status: 403 });
			expect(bus.history()).toEqual([]);
			expect(published).not.toHaveBeenCalled();
		},
	);
});
