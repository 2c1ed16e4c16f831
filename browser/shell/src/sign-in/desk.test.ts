import { ApiProblem, problemType } from "@mainhub/sdk/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Preferences } from "../preferences.js";
import { Desk } from "./desk.js";

const LOGIN = "/auth/login?return_to=%2Forders&popup=1&tab=";
const STEP_UP = "/auth/stepup?claims=e30";
const stepUp = (path = STEP_UP) => new ApiProblem({ type: problemType("step-up-needed"), status: 401, stepUp: path });
const unknown = () => new ApiProblem({ type: problemType("not-signed-in"), status: 401 });

function desk({ blocked = false } = {}) {
	let person: string | null = "person-1";
	const opened: string[] = [];
	const open = vi.spyOn(window, "open").mockImplementation((url) => {
		opened.push(String(url));
		return blocked ? null : ({ focus: () => {} } as unknown as Window);
	});
	const parts = {
		page: window,
		preferences: new Preferences({ locale: "en", theme: "system" }),
		person: "person-1",
		fetch: vi.fn(async () => {
			const ends = new Date(Date.now() + 3600_000).toISOString();
			const body = JSON.stringify({ user: { id: person }, idle_expires_at: ends, expires_at: ends });
			return new Response(body, { status: person === null ? 401 : 200 });
		}),
		api: vi.fn(),
		loadPage: vi.fn(),
		notify: vi.fn(),
		signedIn: vi.fn(),
		ended: vi.fn(),
		other: vi.fn(),
		signOut: vi.fn(),
	};
	const made = new Desk(parts);
	const became = (next: string | null) => {
		person = next;
	};
	const tab = () => new URLSearchParams(opened.at(-1)?.split("?")[1]).get("tab");
	const says = (type: string, state = tab()) => channel.postMessage({ type, state });
	const call = { background: false, isRepeated: true, signal: new AbortController().signal };
	return { made, parts, opened, open, became, says, call };
}

const found = <Kind extends HTMLElement>(name: string) =>
	vi.waitFor(() => {
		const one = document.querySelector<Kind>(`[data-testid=${name}]`);
		if (one === null) {
			throw new Error(`no ${name}`);
		}
		return one;
	});
const press = async (name: string) => (await found(name)).click();
const dialogs = () => document.querySelectorAll("dialog").length;
let channel: BroadcastChannel;

beforeEach(() => {
	window.location.href = "https://hub.example/orders";
	document.body.replaceChildren();
	channel = new BroadcastChannel("mainhub-signin");
});

afterEach(() => channel.close());

test("opens the popup in the click itself, and goes on when it is done", async () => {
	const { made, parts, opened, says } = desk();
	const done = made.login();
	expect(opened[0]).toContain(LOGIN);
	await found("ask-login");
	says("mainhub:signed-in");
	await expect(done).resolves.toBe(true);
	expect(parts.signedIn).toHaveBeenCalledOnce();
	expect(dialogs()).toBe(0);
});

test("leaves the page where the popup is blocked, or where that is asked for", () => {
	const blocked = desk({ blocked: true });
	void blocked.made.login();
	expect(blocked.parts.loadPage).toHaveBeenCalledWith("/auth/login?return_to=%2Forders");
	const asked = desk();
	void asked.made.login({ redirect: true });
	expect(asked.open).not.toHaveBeenCalledTimes(2);
	expect(asked.parts.loadPage).toHaveBeenCalledWith("/auth/login?return_to=%2Forders");
});

test("asks once for all calls that want the same", async () => {
	const { made, opened, says, call } = desk();
	const calls = [made.wanted(stepUp(), call), made.wanted(stepUp(), call), made.wanted(stepUp(), call)];
	await press("ask-go");
	expect(dialogs()).toBe(1);
	expect(opened[0]).toContain("/auth/stepup?claims=e30&return_to=%2Forders&popup=1&tab=");
	says("mainhub:signed-in");
	await expect(Promise.all(calls)).resolves.toEqual([true, true, true]);
});

test("asks for who it is, where nothing else is wanted", async () => {
	const { made, opened, says, call } = desk();
	const done = made.wanted(stepUp("/auth/stepup"), call);
	await press("ask-go");
	expect(opened[0]).toContain("/auth/stepup?return_to=%2Forders&popup=1&tab=");
	says("mainhub:signed-in");
	await expect(done).resolves.toBe(true);
});

test("asks for one thing after the other", async () => {
	const { made, says, call } = desk();
	const one = made.wanted(stepUp(), call);
	const other = made.wanted(stepUp("/auth/stepup?scopes=a"), call);
	await press("ask-go");
	expect(dialogs()).toBe(1);
	says("mainhub:signed-in");
	await expect(one).resolves.toBe(true);
	await press("ask-cancel");
	await expect(other).resolves.toBe(false);
});

test("lets the problem reach the caller when the person does not want to", async () => {
	const { made, call, parts } = desk();
	const done = made.wanted(stepUp(), call);
	await press("ask-cancel");
	await expect(done).resolves.toBe(false);
	expect(parts.signedIn).not.toHaveBeenCalled();
	expect(dialogs()).toBe(0);
});

test("goes to no address but that of stepping up", async () => {
	const { made, call } = desk();
	for (const path of ["https://evil.example/auth/stepup?x", "//evil.example", "/auth/logout", "/auth/stepup/../x?"]) {
		await expect(made.wanted(stepUp(path), call)).resolves.toBe(false);
	}
	expect(dialogs()).toBe(0);
});

test("asks nothing for what nobody asked for, but says that the session has ended", async () => {
	const { made, parts, call } = desk();
	await expect(made.wanted(stepUp(), { ...call, background: true })).resolves.toBe(false);
	expect(parts.ended).not.toHaveBeenCalled();
	await expect(made.wanted(unknown(), { ...call, background: true })).resolves.toBe(false);
	expect(parts.ended).toHaveBeenCalledOnce();
	expect(dialogs()).toBe(0);
});

test("puts the question away when nobody waits any more", async () => {
	const { made, call } = desk();
	const leaving = new AbortController();
	const done = made.wanted(stepUp(), { ...call, signal: leaving.signal });
	await found("ask-step-up");
	leaving.abort();
	await expect(done).resolves.toBe(false);
	expect(dialogs()).toBe(0);
});

test("closes the page where somebody else has signed in", async () => {
	const { made, parts, became, says, call } = desk();
	const done = made.wanted(unknown(), call);
	await press("ask-go");
	became("person-2");
	says("mainhub:signed-in");
	await expect(done).resolves.toBe(false);
	expect(parts.other).toHaveBeenCalledOnce();
	expect(parts.signedIn).not.toHaveBeenCalled();
});

test("believes no message: the hub must know the person", async () => {
	const { made, became, says, call } = desk();
	became(null);
	void made.wanted(unknown(), call);
	await press("ask-go");
	says("mainhub:signed-in");
	await vi.waitFor(async () => expect((await found("ask-says")).textContent).toContain("did not succeed"));
	made.close();
	expect(dialogs()).toBe(0);
});

test("says that it failed, and tries again", async () => {
	const { made, opened, says, call } = desk();
	const done = made.wanted(stepUp(), call);
	await press("ask-go");
	says("mainhub:signin-failed");
	await vi.waitFor(async () => expect((await found("ask-says")).textContent).toContain("did not succeed"));
	await press("ask-go");
	expect(opened).toHaveLength(2);
	says("mainhub:signed-in");
	await expect(done).resolves.toBe(true);
});

test("takes another tab's sign-in for one of its own, but no other tab's proof", async () => {
	const { made, parts, says, call } = desk();
	const proof = made.wanted(stepUp(), call);
	await press("ask-go");
	says("mainhub:signed-in", "another-tab");
	await vi.waitFor(() => expect(parts.signedIn).toHaveBeenCalled());
	expect(dialogs()).toBe(1);
	await press("ask-cancel");
	await expect(proof).resolves.toBe(false);
	const again = made.wanted(unknown(), call);
	await found("ask-signedOut");
	says("mainhub:signed-in", "another-tab");
	await expect(again).resolves.toBe(true);
});

test("says what is for the person to do again", async () => {
	const { made, parts, says, call } = desk();
	const done = made.wanted(stepUp(), { ...call, isRepeated: false });
	await press("ask-go");
	says("mainhub:signed-in");
	await expect(done).resolves.toBe(true);
	expect(parts.notify).toHaveBeenCalledWith(expect.stringContaining("please do it once more"));
});

test("leaves at once while nothing was typed yet", async () => {
	const { made, parts, call } = desk();
	Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: false }, configurable: true });
	try {
		sessionStorage.clear();
		await expect(made.wanted(unknown(), call)).resolves.toBe(false);
		expect(parts.loadPage).toHaveBeenCalledWith("/auth/login?return_to=%2Forders");
	} finally {
		Reflect.deleteProperty(navigator, "userActivation");
	}
});
