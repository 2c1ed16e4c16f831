import { expect, test, vi } from "vitest";
import "./page.js";
import { dataOf } from "./events/events.js";

/** Whatever an element holds: these tests look behind its doors. */
type Loose = ReturnType<typeof JSON.parse>;

const tick = async () => {
	for (let i = 0; i < 30; i++) await new Promise((r) => setTimeout(r, 0));
};
const AT = "2026-11-22T14:32:00Z";
function props(api: Loose, extra: Loose = {}) {
	const handlers: Record<string, Loose[]> = {};
	const known: Loose[] = [];
	const bus = {
		live: true,
		history: () => [...known],
		emit: vi.fn().mockResolvedValue(undefined),
		on: (t: string, h: Loose) => {
			handlers[t] = [...(handlers[t] ?? []), h];
			return () => {};
		},
	};
	return {
		p: {
			api,
			signal: new AbortController().signal,
			locale: "en",
			notify: vi.fn(),
			setTitle: vi.fn(),
			basePath: "/admin",
			bus,
			...extra,
		},
		known,
		tell: (t: string, e?: Loose) => {
			for (const h of handlers[t] ?? []) h(e);
		},
	};
}
async function put(tag: string, p: Loose) {
	const el: Loose = Object.assign(document.createElement(tag), { props: p });
	document.body.append(el);
	await tick();
	await el.updateComplete;
	return el;
}
const wire = (id: string, type: string) => ({ id, type, timestamp: AT, source: "MainHub", data: {}, by: null });
const live = (id: string, type: string, s: number) => ({
	id,
	type,
	timestamp: new Date(Date.parse(AT) + s * 1000),
	source: "x",
	data: {},
	by: null,
});
const eventsApi = (hist: () => Loose) => async (path: string) => (path.includes("types") ? { items: [] } : hist());

test("events: failed history after a gap keeps what was known", async () => {
	let down = false;
	const { p, tell } = props(
		eventsApi(() => {
			if (down) throw new TypeError("net");
			return { items: [wire("a-1", "orders:changed")] };
		}),
	);
	const el = await put("admin-events", p);
	expect(el.renderRoot.textContent).toContain("orders:changed");
	down = true;
	tell("gap");
	await tick();
	expect(el.renderRoot.textContent).toContain("orders:changed");
});
test("events: history that never came is not told as nothing happened", async () => {
	const { p } = props(
		eventsApi(() => {
			throw new TypeError("net");
		}),
	);
	const el = await put("admin-events", p);
	expect(el.renderRoot.textContent).not.toContain("Nothing has happened yet");
});
test("events: a row's focused button stays that event's when another arrives", async () => {
	const { p, known, tell } = props(eventsApi(() => ({ items: [wire("a-1", "orders:changed")] })));
	const el = await put("admin-events", p);
	const button = el.renderRoot.querySelector("[data-testid=open-row]");
	expect(button.textContent).toContain("orders:changed");
	known.push(live("a-2", "app:error", 5));
	tell("*");
	await tick();
	expect(button.textContent).toContain("orders:changed");
});
test("events: a filter without a match says so", async () => {
	const { p } = props(eventsApi(() => ({ items: [wire("a-1", "orders:changed")] })));
	const el = await put("admin-events", p);
	el.query = "zzz";
	await tick();
	expect(el.renderRoot.textContent).not.toContain("Nothing has happened yet");
});
test("events: cleared history is not shown any more", async () => {
	const { p, known, tell } = props(async (path: string, init: Loose) =>
		init?.method === "DELETE" ? { cleared: 1 } : path.includes("types") ? { items: [] } : { items: [] },
	);
	const el = await put("admin-events", p);
	known.push(live("a-2", "orders:changed", 5));
	tell("*");
	await tick();
	el.renderRoot.querySelector("[data-testid=events-clear]").click();
	await tick();
	el.renderRoot.querySelector("[data-testid=events-clear-yes]").click();
	await tick();
	expect(el.renderRoot.textContent).not.toContain("orders:changed");
});
test("audit: older entries of former filters do not join", async () => {
	const entry = (id: number, action: string) => ({
		id,
		at: AT,
		action,
		outcome: "done",
		person: null,
		address: null,
		right: null,
		target: null,
		before: null,
		after: null,
		detail: null,
		trace_id: "0",
	});
	let release: Loose;
	const waiting = new Promise((r) => {
		release = r;
	});
	const api = async (path: string) => {
		if (path.includes("before=")) {
			await waiting;
			return { items: [entry(1, "signin.done")], next: null, actions: [] };
		}
		if (path.includes("action="))
			return { items: [entry(9, "events.cleared")], next: null, actions: ["events.cleared", "signin.done"] };
		return { items: [entry(5, "signin.done")], next: 4, actions: ["events.cleared", "signin.done"] };
	};
	const { p } = props(api);
	const el = await put("admin-audit", p);
	el.renderRoot.querySelector("[data-testid=audit-more]").click();
	await tick();
	const select = el.renderRoot.querySelector("[data-testid=audit-action]");
	select.value = "events.cleared";
	select.dispatchEvent(new Event("change"));
	await tick();
	release();
	await tick();
	const rows = [...el.renderRoot.querySelectorAll("tr[data-action]")].map((r: Loose) => r.dataset.action);
	expect(rows).toEqual(["events.cleared"]);
});
test("title follows the language", async () => {
	const { p } = props(async () => ({ items: [] }));
	const el = await put("hub-admin", p);
	el.props = { ...p, locale: "fr" };
	await tick();
	console.log("titles", p.setTitle.mock.calls);
	expect(p.setTitle.mock.calls.at(-1)[0]).toContain("Applications");
});
test("undo takes back only what it changed", async () => {
	let one: Loose = {
		name: "w",
		titles: { fr: "W", en: "W" },
		icon: "box",
		order: 1,
		routes: ["/w"],
		roles: ["Editor"],
		active: true,
		url: "/x.js",
		integrity: null,
		widgets: [],
		generation: 1,
		shipped: true,
		changed: [],
		changed_at: null,
		changed_by: null,
	};
	const bodies: Loose[] = [];
	const api = async (_: string, init: Loose) => {
		if (init?.method === "PATCH") {
			const { generation, ...c } = init.body;
			bodies.push(init.body);
			one = { ...one, ...c, generation: one.generation + 1 };
			return one;
		}
		return { items: [one] };
	};
	const { p, tell } = props(api);
	const el = await put("admin-frontends", p);
	el.renderRoot.querySelector("[data-testid=open-row]").click();
	await tick();
	el.renderRoot.querySelector("[data-testid=frontend-switch]").click();
	await tick();
	el.renderRoot.querySelector("[data-testid=frontend-switch-yes]").click();
	await tick();
	one = { ...one, roles: ["Editor", "Employee"], generation: one.generation + 1 }; // a colleague, meanwhile
	tell("cache:invalidated");
	await tick();
	el.renderRoot.querySelector("[data-testid=frontend-undo]").click();
	await tick();
	expect(one.roles).toEqual(["Editor", "Employee"]);
});
test("the focus stays in the list after a session was ended", async () => {
	const session = (ref: string) => ({
		ref,
		person: { id: ref, name: ref, email: null, roles: [] },
		device: { user_agent: "", label: "", browser: null, system: null, address: "x" },
		created_at: AT,
		seen_at: AT,
		idle_expires_at: AT,
		expires_at: AT,
		current: false,
	});
	let items = [session("a"), session("b")];
	const { p } = props(async (_: string, init: Loose) => {
		if (init?.method === "DELETE") {
			items = items.slice(1);
			return null;
		}
		return { items, truncated: false };
	});
	const el = await put("admin-sessions", p);
	el.renderRoot.querySelector("[data-session=a] [data-testid=session-end]").click();
	await tick();
	expect(el.renderRoot.activeElement?.dataset.testid).toBe("session-yes");
	el.renderRoot.querySelector("[data-testid=session-yes]").click();
	await tick();
	expect(el.renderRoot.activeElement).not.toBeNull();
});
test("a row's button stays that session's when one before it goes", async () => {
	const session = (ref: string) => ({
		ref,
		person: { id: ref, name: ref, email: null, roles: [] },
		device: { user_agent: "", label: "", browser: null, system: null, address: "x" },
		created_at: AT,
		seen_at: AT,
		idle_expires_at: AT,
		expires_at: AT,
		current: false,
	});
	let items = [session("a"), session("b"), session("c")];
	const { p } = props(async () => ({ items, truncated: false }));
	const el = await put("admin-sessions", p);
	const b = el.renderRoot.querySelector("[data-session=b] [data-testid=session-end]");
	items = items.slice(1);
	await el.retry();
	await tick();
	expect(b.closest("tr").dataset.session).toBe("b");
});
test("a list of texts is sent as a list", () => {
	expect(
		dataOf([{ name: "keys", kind: "list of text", isRequired: true, about: "", choices: [] }], { keys: "a, b" }),
	).toEqual({
		keys: ["a", "b"],
	});
});
test("a word list is complete in both languages", async () => {
	const shape = (v: Loose): Loose =>
		typeof v === "object" && v !== null
			? Object.fromEntries(
					Object.keys(v)
						.sort()
						.map((k) => [k, shape(v[k])]),
				)
			: typeof v;
	for (const path of [
		"./words.js",
		"./audit/words.js",
		"./configuration/words.js",
		"./events/words.js",
		"./frontends/words.js",
		"./health/words.js",
		"./resilience/words.js",
		"./sessions/words.js",
	]) {
		for (const words of Object.values(await import(/* @vite-ignore */ path)) as Loose[])
			if (words.en) expect(shape(words.fr), path).toEqual(shape(words.en));
	}
});
