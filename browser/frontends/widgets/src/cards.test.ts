import { type Api, ApiProblem, type HubEvent, type HubEventHandler, problemType, type WidgetProps } from "@mainhub/sdk";
import { afterEach, expect, test, vi } from "vitest";
import { en } from "./en.js";
import { fr } from "./fr.js";
import { widgets } from "./main.js";
import { frontendProps } from "./testing.js";

const T = "2026-11-22T14:32:00Z";
const SESSIONS = ["mine", "other"].map((ref) => ({
	ref,
	device: { label: ref === "mine" ? "Chrome on Linux" : "Firefox on Windows", address: "10.0.0.7" },
	created_at: T,
	seen_at: T,
	expires_at: T,
	current: ref === "mine",
}));

function busOf() {
	const listeners: (readonly [string, HubEventHandler])[] = [];
	const history: HubEvent[] = [];
	const on = (type: string, handler: HubEventHandler) => {
		const listener = [type, handler] as const;
		listeners.push(listener);
		return () => void listeners.splice(listeners.indexOf(listener), 1);
	};
	const say = (type: string, data = {}) => {
		const event = { id: `e-${history.length}`, type, timestamp: new Date(), source: "MainHub", data, by: null };
		history.push(event);
		for (const [wanted, handler] of [...listeners]) {
			wanted === "*" || wanted === type ? handler(event) : undefined;
		}
	};
	return { bus: { ...frontendProps().bus, on, history: () => history }, say, listeners };
}

async function drawn(name: keyof typeof widgets, api: Api, locale: "fr" | "en" = "en") {
	const { bus, say, listeners } = busOf();
	const root = document.createElement("div");
	document.body.append(root);
	const props: WidgetProps = { ...frontendProps({ api, bus, locale }), size: "medium" };
	await widgets[name].mount(root, props);
	const card = root.firstElementChild;
	const find = (testId: string) => card?.shadowRoot?.querySelector<HTMLElement>(`[data-testid=${testId}]`);
	const text = () => card?.shadowRoot?.textContent?.replace(/\s+/g, " ") ?? "";
	const frame = () => card?.shadowRoot?.querySelector("hub-card");
	return { root, card, find, text, frame, say, listeners, props };
}

afterEach(() => document.body.replaceChildren());

test("lists the sessions, marks this one, and asks in place before it ends another", async () => {
	let sessions = SESSIONS;
	const api = vi.fn<Api>(async (path, init) => {
		if (init?.method === "DELETE") {
			sessions = sessions.filter((one) => !path.endsWith(one.ref));
			return null;
		}
		return { items: sessions, truncated: false };
	});
	const { find, text } = await drawn("my-sessions", api);
	await vi.waitFor(() => expect(text()).toContain("Firefox on Windows"));
	expect(text()).toContain("This one");
	find("session-end")?.click();
	await vi.waitFor(() => expect(find("session-end-no")).toBeTruthy());
	expect(text()).toContain("End the session on Firefox on Windows?");
	expect(api.mock.calls.some(([, init]) => init?.method === "DELETE")).toBe(false);
	find("session-end-yes")?.click();
	await vi.waitFor(() => expect(find("session-end")).toBeNull());
	expect(api.mock.calls.find(([, init]) => init?.method === "DELETE")?.[0]).toBe("/auth/sessions/other");
	await vi.waitFor(() => expect(text()).toContain(en.endedNow("Firefox on Windows")));
});

test("ends all others at once, after it has asked, and says when that failed", async () => {
	const three = [...SESSIONS, { ...SESSIONS[1], ref: "third" }];
	let sessions: unknown[] = three;
	let fails = true;
	const api = vi.fn<Api>(async (_path, init) => {
		if (init?.method === "DELETE") {
			if (fails) {
				throw new ApiProblem({ type: problemType("unavailable"), title: "The store is away", status: 503 });
			}
			sessions = SESSIONS.slice(0, 1);
			return { ended: 2 };
		}
		return { items: sessions, truncated: false };
	});
	const { find, text } = await drawn("my-sessions", api);
	await vi.waitFor(() => expect(find("others-end")).toBeTruthy());
	find("others-end")?.click();
	await vi.waitFor(() => expect(text()).toContain(en.endOthersAsk));
	expect(api.mock.calls.some(([, init]) => init?.method === "DELETE")).toBe(false);
	find("others-end-yes")?.click();
	await vi.waitFor(() => expect(find("others-end-failed")?.textContent).toContain("The store is away."));
	fails = false;
	find("others-end")?.click();
	await vi.waitFor(() => expect(find("others-end-yes")).toBeTruthy());
	find("others-end-yes")?.click();
	await vi.waitFor(() => expect(text()).toContain(en.othersEnded));
	expect(api.mock.calls.find(([, init]) => init?.method === "DELETE")?.[0]).toBe("/auth/sessions");
	expect(find("others-end")).toBeNull();
	expect(find("session-end")).toBeNull();
});

test("takes a session that is gone for ended, and says when one was not", async () => {
	const gone = new ApiProblem({ type: problemType("session-gone"), status: 404 });
	const down = new ApiProblem({
		type: problemType("unavailable"),
		title: "The database is away",
		status: 503,
		traceId: "abc",
	});
	const failures = [down, gone];
	const api = vi.fn<Api>(async (_path, init) => {
		if (init?.method === "DELETE") {
			throw failures.shift();
		}
		return { items: failures.length > 0 ? SESSIONS : SESSIONS.slice(0, 1) };
	});
	const { find, text } = await drawn("my-sessions", api);
	for (const expected of ["The database is away. Trace abc", en.endedNow("Firefox on Windows")]) {
		await vi.waitFor(() => expect(find("session-end")).toBeTruthy());
		find("session-end")?.click();
		await vi.waitFor(() => expect(find("session-end-yes")).toBeTruthy());
		find("session-end-yes")?.click();
		await vi.waitFor(() => expect(text()).toContain(expected));
	}
});

test("asks for the sessions anew when one begins or ends, until the card goes", async () => {
	const api = vi.fn<Api>(async () => ({ items: SESSIONS }));
	const { card, say, text, listeners } = await drawn("my-sessions", api);
	await vi.waitFor(() => expect(text()).toContain("Firefox"));
	say("user:login");
	await vi.waitFor(() => expect(api).toHaveBeenCalledTimes(2));
	expect(api.mock.lastCall?.[1]).toMatchObject({ background: true });
	card?.remove();
	expect(listeners).toHaveLength(0);
});

test("tells what answers behind the hub, its detail to who gets it, and the truth when nothing is known", async () => {
	const check = {
		name: "orders",
		title: "Orders service",
		state: "failed",
		since: T,
		detail: "refused",
		remedy: "Start it.",
	};
	const api = vi.fn<Api>(async () => ({
		status: "degraded",
		checks: [check, { ...check, name: "db", title: "Database", state: "fine" }],
	}));
	const { text, frame, find } = await drawn("service-health", api);
	await vi.waitFor(() => expect(text()).toContain("Start it."));
	expect(text().match(/refused/g)).toHaveLength(1);
	expect(frame()?.getAttribute("source")).toBe("1 of 2 in service");
	api.mockRejectedValue(new ApiProblem({ type: problemType("network") }));
	document.body.replaceChildren();
	const other = await drawn("service-health", api);
	await vi.waitFor(() => expect(other.find("widget-failure")?.textContent).toContain("has not reached the hub since"));
	expect(find("widget-failure")).toBeNull();
});

test("tells what happens as it happens, and follows a new language", async () => {
	const api = vi.fn<Api>(async () => ({ items: [], cursor: "a-1" }));
	const { root, text, say, props } = await drawn("recent-events", api);
	await vi.waitFor(() => expect(text()).toContain(en.noEvents));
	say("theme:changed", { theme: "dark" });
	await vi.waitFor(() => expect(text()).toContain("Theme: dark"));
	await widgets["recent-events"].update?.(root, { ...props, locale: "fr" });
	await vi.waitFor(() => expect(text()).toContain("Thème : sombre"));
});

test("says everything in both languages, and breaks no French line before its punctuation", () => {
	expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
	expect(Object.keys(fr.happened).sort()).toEqual(Object.keys(en.happened).sort());
	const said = Object.values(fr).map((entry) =>
		typeof entry === "function" ? (entry as (...all: string[]) => string)("x", "y") : entry,
	);
	expect(JSON.stringify(said)).not.toMatch(/[^\d"] [;:!?%»]|« /);
});
