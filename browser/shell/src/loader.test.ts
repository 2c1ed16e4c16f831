import { describe, expect, test, vi } from "vitest";
import type { FrontendEntry } from "./boot.js";
import type { FailureKind, FrontendFailure, Step } from "./failure.js";
import { Loader, type LoaderWorld } from "./loader.js";
import { frontend } from "./testing.js";

const ORDERS = frontend("orders");

/** A world whose time stands still unless `expire` lets the limit pass. */
function world(changes: Partial<LoaderWorld> = {}) {
	const waits: number[] = [];
	let expire: () => void = () => {};
	const made: LoaderWorld = {
		fetch: async () => new Response("export {}"),
		importModule: async (url) => ({ url }),
		wait: (seconds, signal) =>
			new Promise((resolve, reject) => {
				signal.addEventListener("abort", () => reject(signal.reason), { once: true });
				if (seconds === 8) {
					expire = resolve;
				} else {
					waits.push(seconds);
					resolve();
				}
			}),
		random: () => 1,
		now: () => new Date(0),
		origin: "https://hub.example",
		...changes,
	};
	return { loader: new Loader({ loadSeconds: 8, attempts: 3 }, made), waits, expire: () => expire() };
}

function request() {
	const controller = new AbortController();
	const steps: Step[] = [];
	return { controller, steps, signal: controller.signal, traceId: "0".repeat(32), report: (s: Step) => steps.push(s) };
}

function answers(...statuses: number[]) {
	return vi.fn(async () => new Response("", { status: statuses.shift() ?? 200 }));
}

async function kindOf(loader: Loader, entry: FrontendEntry = ORDERS, asked = request()): Promise<FailureKind> {
	const failure = await loader.load(entry, asked).catch((error: FrontendFailure) => error);
	return (failure as FrontendFailure).kind;
}

describe("Loader", () => {
	test("tries again after 503, waiting longer each time", async () => {
		const { loader, waits } = world({ fetch: answers(503, 503, 200) });
		const asked = request();
		await expect(loader.load(ORDERS, asked)).resolves.toEqual({ url: "/static/orders.js" });
		expect(waits).toEqual([0.3, 0.6]);
		expect(asked.steps.map((step) => step.failure?.status ?? null)).toEqual([503, 503, null]);
	});

	test("gives up after the last attempt", async () => {
		const fetch = answers(500, 429, 408, 200);
		expect(await kindOf(world({ fetch }).loader)).toBe("server");
		expect(fetch).toHaveBeenCalledTimes(3);
	});

	test.each([
		[404, "missing"],
		[410, "missing"],
		[403, "status"],
	])("asks once when the answer is %i", async (status, kind) => {
		const fetch = answers(status);
		expect(await kindOf(world({ fetch }).loader)).toBe(kind);
		expect(fetch).toHaveBeenCalledTimes(1);
	});

	test("asks for nothing when nothing was published, however often it is tried", async () => {
		const fetch = answers(200);
		const { loader } = world({ fetch });
		const unbuilt = { ...ORDERS, url: null };
		for (let time = 0; time < 5; time++) {
			const asked = request();
			expect(await kindOf(loader, unbuilt, asked)).toBe("missing");
			expect(asked.steps).toMatchObject([{ phase: "load", failure: { kind: "missing", status: null } }]);
		}
		expect(fetch).not.toHaveBeenCalled();
		expect(loader.needsNewPage(unbuilt)).toBe(false);
	});

	test("tries again when the network fails", async () => {
		const fetch = vi.fn().mockRejectedValueOnce(new TypeError("offline")).mockResolvedValue(new Response(""));
		await expect(world({ fetch }).loader.load(ORDERS, request())).resolves.toBeDefined();
	});

	test("waits as long as the server asks, within reason", async () => {
		const busy = (after: string) => new Response("", { status: 503, headers: { "retry-after": after } });
		const patient = world({ fetch: vi.fn().mockResolvedValueOnce(busy("2")).mockResolvedValue(new Response("")) });
		await patient.loader.load(ORDERS, request());
		expect(patient.waits).toEqual([2]);
		const fetch = vi.fn().mockResolvedValue(busy("3600"));
		expect(await kindOf(world({ fetch }).loader)).toBe("server");
		expect(fetch).toHaveBeenCalledTimes(1);
	});

	test("refuses bytes that are not the published ones", async () => {
		const importModule = vi.fn();
		const entry = { ...ORDERS, integrity: `sha384-${"A".repeat(64)}` };
		expect(await kindOf(world({ importModule }).loader, entry)).toBe("integrity");
		expect(importModule).not.toHaveBeenCalled();
	});

	test("takes bytes that are the published ones", async () => {
		const integrity = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
		const { loader } = world({ fetch: async () => new Response("abc") });
		await expect(loader.load({ ...ORDERS, integrity }, request())).resolves.toBeDefined();
	});

	test("asks for a module that threw by a new address, and in the end for a new page", async () => {
		const importModule = vi.fn().mockRejectedValue(new Error("planted"));
		const { loader } = world({ importModule });
		for (let time = 0; time < 4; time++) {
			expect(loader.needsNewPage(ORDERS)).toBe(false);
			expect(await kindOf(loader)).toBe("evaluation");
		}
		expect(importModule.mock.calls.flat()).toEqual([
			"/static/orders.js",
			"/static/orders.js#retry-1",
			"/static/orders.js#retry-2",
			"/static/orders.js#retry-3",
		]);
		expect(loader.needsNewPage(ORDERS)).toBe(true);
	});

	test("ends a file that does not arrive in time", async () => {
		const fetch = (_: string, { signal }: RequestInit) =>
			new Promise<Response>((_resolve, reject) => {
				signal?.addEventListener("abort", () => reject(signal.reason));
			});
		const { loader, expire } = world({ fetch });
		const kind = kindOf(loader);
		expire();
		expect(await kind).toBe("timeout");
	});

	test("ends a module that never finishes being evaluated", async () => {
		const begun = deferred();
		const importModule = () => {
			begun.resolve(undefined);
			return new Promise(() => {});
		};
		const { loader, expire } = world({ importModule });
		const kind = kindOf(loader);
		await begun.promise;
		expire();
		expect(await kind).toBe("stuck");
	});

	test("ends at once when the person leaves", async () => {
		const asked = request();
		const { loader } = world({ importModule: () => new Promise(() => {}) });
		const loading = loader.load(ORDERS, asked);
		asked.controller.abort(new DOMException("left", "AbortError"));
		await expect(loading).rejects.toThrow("left");
		expect(asked.steps).toEqual([]);
	});

	test("sends a trace to this hub, and to nobody else", async () => {
		const fetch = vi.fn(async (_url: string, _init: RequestInit) => new Response(""));
		const { loader } = world({ fetch });
		await loader.load(ORDERS, request());
		await loader.load({ ...ORDERS, url: "https://other.example/orders.js" }, request());
		expect(fetch.mock.calls[0]?.[1].headers).toHaveProperty("traceparent");
		expect(fetch.mock.calls[1]?.[1].headers).toBeUndefined();
		expect(fetch.mock.calls[1]?.[1].credentials).toBe("omit");
	});
});

function deferred() {
	let resolve: (value: unknown) => void = () => {};
	const promise = new Promise((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}
