import { ApiProblem } from "@mainhub/sdk/core";
import { describe, expect, test, vi } from "vitest";
import { createApi, type WantedCall } from "./api.js";

function hub(answer: () => Promise<Response>, signal?: AbortSignal, isGiven = false) {
	const fetch = vi.fn(async (_url: string, _init: RequestInit) => answer());
	const session = { wanted: vi.fn(async (_problem: ApiProblem, _call: WantedCall) => isGiven), sessionLives: vi.fn() };
	return { api: createApi({ fetch, origin: "https://hub.example", ...session }, "orders", signal), fetch, ...session };
}

/** Answers with *answers* in turn, the last one for ever. */
function inTurn(...answers: readonly (() => Promise<Response>)[]): () => Promise<Response> {
	let calls = 0;
	return () => (answers[Math.min(calls++, answers.length - 1)] ?? json({}))();
}

const STEP_UP = "/auth/stepup?claims=e30";
const stepUp = () => json({ type: "urn:mainhub:problem:step-up-needed", title: "More", step_up: STEP_UP }, 401)();

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
		const { api, wanted } = hub(json(body, 403));
		const problem = await problemOf(api("/x"));
		expect(problem).toMatchObject({ status: 403, needs: ["Admin"], traceId: "t" });
		expect(wanted).not.toHaveBeenCalled();
	});

	test("sends once more what was answered 401, since another tab may have signed in", async () => {
		const { api, wanted, fetch } = hub(inTurn(async () => new Response("", { status: 401 }), json({ a: 1 })));
		await expect(api("/x", { method: "POST", body: {} })).resolves.toEqual({ a: 1 });
		expect(fetch).toHaveBeenCalledTimes(2);
		expect(wanted).not.toHaveBeenCalled();
	});

	test("wants the person on 401, whoever answers it", async () => {
		const { api, wanted } = hub(async () => new Response("<html>", { status: 401 }));
		expect((await problemOf(api("/x"))).is("not-signed-in")).toBe(true);
		expect(wanted).toHaveBeenCalledOnce();
	});

	test("says which call nobody asked for", async () => {
		const { api, wanted, sessionLives } = hub(async () => new Response("", { status: 401 }));
		expect((await problemOf(api("/x", { background: true }))).is("not-signed-in")).toBe(true);
		expect(wanted.mock.calls[0]?.[1]).toMatchObject({ background: true });
		expect(sessionLives).not.toHaveBeenCalled();
	});

	test("goes on where it was after one more proof", async () => {
		const { api, wanted, fetch } = hub(inTurn(stepUp, json({ a: 1 })), undefined, true);
		await expect(api("/x")).resolves.toEqual({ a: 1 });
		expect(fetch).toHaveBeenCalledTimes(2);
		expect(wanted.mock.calls[0]?.[0].stepUp).toBe(STEP_UP);
	});

	test("repeats it once only, and not at all without the proof", async () => {
		const stubborn = hub(stepUp, undefined, true);
		expect((await problemOf(stubborn.api("/x"))).is("step-up-needed")).toBe(true);
		expect(stubborn.fetch).toHaveBeenCalledTimes(2);
		expect(stubborn.wanted).toHaveBeenCalledOnce();
		const refused = hub(stepUp);
		expect((await problemOf(refused.api("/x"))).stepUp).toBe(STEP_UP);
		expect(refused.fetch).toHaveBeenCalledOnce();
	});

	test("repeats what changes something only where the caller consents", async () => {
		const without = hub(inTurn(stepUp, json({})), undefined, true);
		expect((await problemOf(without.api("/x", { method: "POST" }))).is("step-up-needed")).toBe(true);
		expect(without.fetch).toHaveBeenCalledOnce();
		expect(without.wanted.mock.calls[0]?.[1].isRepeated).toBe(false);
		const { api } = hub(inTurn(stepUp, json({ a: 1 })), undefined, true);
		await expect(api("/x", { method: "POST", repeat: true })).resolves.toEqual({ a: 1 });
	});

	test("names the front-end, and none for the shell itself", async () => {
		const { api, fetch, ...session } = hub(json({}));
		await api("/x");
		await createApi({ fetch, origin: "https://hub.example", ...session })("/x");
		const names = fetch.mock.calls.map(([, init]) => new Headers(init.headers).get("x-mainhub-frontend"));
		expect(names).toEqual(["orders", null]);
	});

	test("says that the session lives when the hub answers", async () => {
		const { api, sessionLives } = hub(json({}));
		await api("/x", { background: true });
		expect(sessionLives).toHaveBeenCalledOnce();
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
