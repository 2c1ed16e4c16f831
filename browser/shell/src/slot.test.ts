import { beforeEach, describe, expect, test, vi } from "vitest";
import { FrontendFailure } from "./failure.js";
import { Slot, type SlotWorld } from "./slot.js";
import { frontend } from "./testing.js";

const never = () => new Promise<never>(() => {});

function place(module: unknown, changes: Partial<SlotWorld> = {}) {
	const host = document.createElement("main");
	document.body.append(host);
	const load = typeof module === "function" ? vi.fn(module as () => Promise<unknown>) : vi.fn(async () => module);
	const make = (className: string) => () => Object.assign(document.createElement("div"), { className });
	const panel = vi.fn(make("panel"));
	const world = {
		host,
		loader: { load, needsNewPage: () => false },
		limits: { mountSeconds: 0.05 },
		view: { skeleton: make("skeleton"), panel, banner: make("banner") },
		propsFor: (_: unknown, attempt: { container: HTMLElement; signal: AbortSignal }) => ({
			domElement: attempt.container,
			signal: attempt.signal,
		}),
		onChange: vi.fn(),
		reloadPage: vi.fn(),
		...changes,
	} as unknown as SlotWorld;
	const kind = () => (panel.mock.calls.at(-1) as unknown as [unknown, unknown, FrontendFailure])?.[2].kind;
	return { slot: new Slot(frontend("orders"), world), host, load, kind, world };
}

describe("Slot", () => {
	beforeEach(() => {
		document.body.replaceChildren();
		vi.spyOn(console, "warn").mockImplementation(() => {});
	});

	test("mounts into an element of its own, and empties its place again", async () => {
		const unmount = vi.fn(async () => {});
		const { slot, host } = place({ mount: async (p: { domElement: Element }) => p.domElement.append("here"), unmount });
		await slot.enter();
		expect(slot.state).toBe("mounted");
		expect(host.textContent).toBe("here");
		expect(host.querySelector(".skeleton")).toBeNull();
		await slot.leave();
		expect(unmount).toHaveBeenCalledOnce();
		expect(slot.state).toBe("idle");
		expect(host.childElementCount).toBe(0);
	});

	test("loads and bootstraps once for many visits", async () => {
		const bootstrap = vi.fn(async () => {});
		const { slot, load } = place({ bootstrap, mount: async () => {} });
		for (let visit = 0; visit < 3; visit++) {
			await slot.enter();
			await slot.leave();
		}
		expect(load).toHaveBeenCalledOnce();
		expect(bootstrap).toHaveBeenCalledOnce();
	});

	test.each([
		["missing", async () => Promise.reject(new FrontendFailure("missing", { status: 404 }))],
		["contract", { nothing: 1 }],
		["mount", { mount: async () => Promise.reject(new Error("planted")) }],
		["mount", { bootstrap: async () => Promise.reject(new Error("planted")), mount: async () => {} }],
		["mount-timeout", { mount: never }],
	])("stands a panel in its place: %s", async (kind, module) => {
		const failed = place(module);
		await failed.slot.enter();
		expect(failed.slot.state).toBe("failed");
		expect(failed.kind()).toBe(kind);
		expect(failed.host.querySelector(".panel")).not.toBeNull();
		await failed.slot.leave();
		expect(failed.host.childElementCount).toBe(0);
	});

	test("succeeds when it is tried again", async () => {
		const load = vi
			.fn()
			.mockRejectedValueOnce(new FrontendFailure("network"))
			.mockResolvedValue({ mount: async () => {} });
		const { slot } = place(load);
		await slot.enter();
		slot.retry();
		await vi.waitFor(() => expect(slot.state).toBe("mounted"));
	});

	test("mounts what is started again only after it has been unmounted", async () => {
		const order: string[] = [];
		let finish = () => {};
		const unmount = () =>
			new Promise<void>((resolve) => {
				order.push("unmount begins");
				finish = () => {
					order.push("unmount ends");
					resolve();
				};
			});
		const { slot, host } = place({ mount: async () => void order.push("mount"), unmount });
		await slot.enter();
		slot.retry();
		slot.retry();
		expect(slot.state).toBe("unmounting");
		finish();
		await vi.waitFor(() => expect(slot.state).toBe("mounted"));
		expect(order).toEqual(["mount", "unmount begins", "unmount ends", "mount"]);
		expect(host.childElementCount).toBe(1);
	});

	test("starts again what never unmounts", async () => {
		const mount = vi.fn(async () => {});
		const { slot } = place({ mount, unmount: never });
		await slot.enter();
		slot.retry();
		await vi.waitFor(() => expect(mount).toHaveBeenCalledTimes(2));
	});

	test("is left at once while it is started again, and mounts no more", async () => {
		const mount = vi.fn(async () => {});
		const { slot, host } = place({ mount, unmount: never });
		await slot.enter();
		slot.retry();
		await slot.leave();
		expect(slot.state).toBe("idle");
		expect(host.childElementCount).toBe(0);
		expect(mount).toHaveBeenCalledOnce();
	});

	test("asks for a new page when only that can help", async () => {
		const { slot, world } = place({ mount: async () => Promise.reject(new Error("planted")) });
		await slot.enter();
		Object.assign(world.loader, { needsNewPage: () => true });
		slot.retry();
		expect(world.reloadPage).toHaveBeenCalledOnce();
	});

	test.each([
		["loading", never],
		["mounting", { mount: never }],
	])("is left at once while %s", async (state, module) => {
		const { slot, host } = place(module);
		const entered = slot.enter();
		await vi.waitFor(() => expect(slot.state).toBe(state));
		await slot.leave();
		await entered;
		expect(slot.state).toBe("idle");
		expect(host.childElementCount).toBe(0);
	});

	test("unmounts what mounts after the person has left", async () => {
		let finish = () => {};
		const unmount = vi.fn(async () => {});
		const mount = () => new Promise<void>((resolve) => (finish = resolve));
		const { slot } = place({ mount, unmount });
		void slot.enter();
		await vi.waitFor(() => expect(slot.state).toBe("mounting"));
		await slot.leave();
		finish();
		await vi.waitFor(() => expect(unmount).toHaveBeenCalledOnce());
	});

	test("does not wait for a front-end that never unmounts", async () => {
		const { slot, host } = place({ mount: async () => {}, unmount: never });
		await slot.enter();
		await slot.leave();
		expect(host.childElementCount).toBe(0);
	});

	test("ends the signal of a visit with the visit", async () => {
		let signal: AbortSignal | undefined;
		const mount = async (props: { signal: AbortSignal }) => {
			signal = props.signal;
		};
		const { slot } = place({ mount });
		await slot.enter();
		expect(signal?.aborted).toBe(false);
		await slot.leave();
		expect(signal?.aborted).toBe(true);
	});

	test("puts a banner above what fails later, once", async () => {
		const { slot, host } = place({ mount: async (p: { domElement: Element }) => p.domElement.append("here") });
		await slot.enter();
		slot.reportLate(new Error("one"));
		slot.reportLate(new Error("two"));
		expect(host.querySelectorAll(".banner")).toHaveLength(1);
		expect(host.textContent).toBe("here");
		expect(slot.state).toBe("mounted");
	});

	test("forgets its module when it is unloaded, but not while it is shown", async () => {
		const { slot, load } = place({ mount: async () => {} });
		await slot.enter();
		slot.unload();
		expect(slot.isLoaded).toBe(true);
		await slot.leave();
		slot.unload();
		expect(slot.isLoaded).toBe(false);
		await slot.enter();
		expect(load).toHaveBeenCalledTimes(2);
	});
});
