import { ApiProblem } from "@mainhub/sdk/core";
import { describe, expect, test, vi } from "vitest";
import { createApi } from "./api.js";

function hub(answer: () => Promise<Response>, signal?: AbortSignal) {
	const fetch = vi.fn(async (_url: string, _init: RequestInit) => answer());
	const session = { signInAgain: vi.fn(), sessionEnded: vi.fn(), sessionLives: vi.fn() };
	return { api: createApi({ fetch, origin: "https://hub.example", ...session }, signal), fetch, ...session };
}

const json =
	(body: unknown, status = 200) =>
	async () =>
		new Response(JSON.stringify(body), { status });

async function problemOf(work: Promise<unknown>): Promise<ApiProblem> {
	const error = await work.catch((thrown: unknown) => thrown);
	expect(error).toBeInstanceOf(ApiProblem);
	return error as ApiProblem;
}

describe("api", () => {
	test("returns the parsed answer, and null for an empty one", async () => {
		await expect(hub(json({ a: 1 })).api("/x")).resolves.toEqual({ a: 1 });
		await expect(hub(async () => new Response(null, { status: 204 })).api("/x")).resolves.toBeNull();
	});

	test("sends a traceparent always, the CSRF header where something may change", async () => {
		const { api, fetch } = hub(json({}));
		await api("/x?y=1");
		await api("/x", { method: "post", body: { a: 1 } });
		const [get, post] = fetch.mock.calls.map(([, init]) => new Headers(init.headers));
		expect(fetch.mock.calls[0]?.[0]).toBe("/x?y=1");
		expect(get?.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
		expect(get?.has("x-mainhub-csrf")).toBe(false);
		expect(post?.get("x-mainhub-csrf")).toBe("1");
		expect(fetch.mock.calls[1]?.[1].body).toBe('{"a":1}');
	});

	test("says which requests nobody asked for", async () => {
		const { api, fetch } = hub(json({}));
		await api("/x");
		await api("/x", { background: true });
		const marks = fetch.mock.calls.map(([, init]) => new Headers(init.headers).get("x-mainhub-background"));
		expect(marks).toEqual([null, "1"]);
	});

	test.each(["https://other.example/x", "//other.example/x", "/\\other.example/x", "x"])("refuses %s", async (url) => {
		const { api, fetch } = hub(json({}));
		await expect(api(url)).rejects.toThrow(TypeError);
		expect(fetch).not.toHaveBeenCalled();
	});

	test("throws the problem that the hub names", async () => {
		const body = { type: "urn:mainhub:problem:missing-role", title: "No", needs: ["Admin"], trace_id: "t" };
		const { api, signInAgain } = hub(json(body, 403));
		const problem = await problemOf(api("/x"));
		expect(problem).toMatchObject({ status: 403, needs: ["Admin"], traceId: "t" });
		expect(signInAgain).not.toHaveBeenCalled();
	});

	test("sends once more what was answered 401, since another tab may have signed in", async () => {
		let calls = 0;
		const { api, signInAgain } = hub(async () => {
			calls += 1;
			return calls === 1 ? new Response("", { status: 401 }) : new Response('{"a":1}');
		});
		await expect(api("/x", { method: "POST", body: {} })).resolves.toEqual({ a: 1 });
		expect(calls).toBe(2);
		expect(signInAgain).not.toHaveBeenCalled();
	});

	test("signs in again on 401, whoever answers it", async () => {
		const { api, signInAgain } = hub(async () => new Response("<html>", { status: 401 }));
		expect((await problemOf(api("/x"))).is("not-signed-in")).toBe(true);
		expect(signInAgain).toHaveBeenCalledOnce();
	});

	test("does not leave the page for a 401 to what nobody asked for", async () => {
		const { api, signInAgain, sessionEnded, sessionLives } = hub(async () => new Response("", { status: 401 }));
		expect((await problemOf(api("/x", { background: true }))).is("not-signed-in")).toBe(true);
		expect(signInAgain).not.toHaveBeenCalled();
		expect(sessionEnded).toHaveBeenCalledOnce();
		expect(sessionLives).not.toHaveBeenCalled();
	});

	test("says that the session lives when the hub answers", async () => {
		const { api, sessionLives, sessionEnded } = hub(json({}));
		await api("/x", { background: true });
		expect(sessionLives).toHaveBeenCalledOnce();
		expect(sessionEnded).not.toHaveBeenCalled();
	});

	test("takes a failed network, and an answer that is no JSON, for problems", async () => {
		const network = await problemOf(hub(() => Promise.reject(new TypeError("offline"))).api("/x"));
		expect(network.is("network")).toBe(true);
		expect(network.traceId).toMatch(/^[0-9a-f]{32}$/);
		expect((await problemOf(hub(async () => new Response("<html>")).api("/x"))).is("unreadable")).toBe(true);
	});

	test("gives up in time", async () => {
		const fetch = (_url: string, { signal }: RequestInit) =>
			new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
		const api = createApi({ ...hub(json({})), fetch, origin: "https://hub.example" });
		expect((await problemOf(api("/x", { timeoutSeconds: 0.01 }))).is("timeout")).toBe(true);
	});

	test("is no problem when the person leaves", async () => {
		const reason = new DOMException("left", "AbortError");
		await expect(hub(() => Promise.reject(reason), AbortSignal.abort(reason)).api("/x")).rejects.toBe(reason);
	});
});
