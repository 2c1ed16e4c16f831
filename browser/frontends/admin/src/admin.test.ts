import { describe, expect, test } from "vitest";
import { differences, parseAudit, queryOf } from "./audit/audit.js";
import { parseConfiguration } from "./configuration/configuration.js";
import { dataOf, gathered, parseTypes, readData } from "./events/events.js";
import { parseRegistry, type Registered, readRoles, roleChange, worstFirst } from "./frontends/frontends.js";
import { parseHealth } from "./health/health.js";
import { SECTIONS, sectionOf } from "./page.js";
import { matches } from "./section.js";
import { parseSessions } from "./sessions/sessions.js";

const AT = "2026-11-22T14:32:00Z";

describe("the address", () => {
	test("names a section, the first one by itself", () => {
		expect(sectionOf("/admin", "/admin")).toBe("frontends");
		expect(sectionOf("/admin/", "/admin")).toBe("frontends");
		for (const name of SECTIONS) {
			expect(sectionOf(`/admin/${name}`, "/admin")).toBe(name);
		}
		expect(sectionOf("/admin/nowhere", "/admin")).toBeNull();
	});
});

describe("a search", () => {
	test("holds every word, accents and capitals aside", () => {
		expect(matches("evenement ADA", "Événements", "Ada Lovelace")).toBe(true);
		expect(matches("ada grace", "Ada Lovelace", null)).toBe(false);
		expect(matches("", "anything")).toBe(true);
	});
});

describe("front-ends", () => {
	const frontend = (changes: Record<string, unknown> = {}) => ({
		name: "orders",
		titles: { fr: "Commandes", en: "Orders" },
		icon: "box",
		order: 1,
		routes: ["/orders"],
		roles: ["Employee"],
		active: true,
		url: "/x.js",
		integrity: null,
		widgets: [],
		generation: 3,
		shipped: false,
		changed: [],
		changed_at: null,
		changed_by: null,
		...changes,
	});

	test("are read as the hub tells them", () => {
		const [one] = parseRegistry({ items: [frontend({ changed: ["roles"], changed_at: AT, changed_by: "Ada" })] });
		expect(one).toMatchObject({ name: "orders", generation: 3, isBuilt: true, changed: ["roles"], changedBy: "Ada" });
		expect(() => parseRegistry({ items: [frontend({ titles: null })] })).toThrow("titles");
		expect(() => parseRegistry({})).toThrow("items");
	});

	test("stand worst first", () => {
		const list = parseRegistry({
			items: [
				frontend({ name: "a" }),
				frontend({ name: "b", roles: [] }),
				frontend({ name: "c", active: false }),
				frontend({ name: "d", url: null }),
			],
		});
		expect(worstFirst(list).map((one: Registered) => one.name)).toEqual(["d", "c", "b", "a"]);
	});

	test("have roles, one a line or between commas, each once", () => {
		expect(readRoles(" Admin, Editor\n\nAdmin \n")).toEqual(["Admin", "Editor"]);
		expect(readRoles(" \n,")).toEqual([]);
		expect(roleChange(["Admin", "Editor"], ["Admin", "*"])).toEqual({ gained: ["*"], lost: ["Editor"] });
		expect(roleChange(["Admin"], ["Admin"])).toEqual({ gained: [], lost: [] });
	});
});

describe("sessions, health and settings", () => {
	test("are read as the hub tells them", () => {
		const session = {
			ref: "ab",
			person: { id: "1", name: "Ada", email: null, roles: ["Admin"] },
			device: { user_agent: "x", label: "Chrome on Linux", browser: "Chrome", system: "Linux", address: "::1" },
			created_at: AT,
			seen_at: AT,
			idle_expires_at: AT,
			expires_at: AT,
			current: true,
		};
		const found = parseSessions({ items: [session], truncated: true });
		expect(found.isTruncated).toBe(true);
		expect(found.items[0]).toMatchObject({ ref: "ab", isCurrent: true, browser: "Chrome" });
		expect(() => parseSessions({ items: [{ ...session, seen_at: "soon" }] })).toThrow("seen_at");
	});

	test("say what is worst first", () => {
		const check = (name: string, state: string) => ({
			name,
			title: name,
			kind: "service",
			criticality: "important",
			state,
			since: AT,
		});
		const health = parseHealth({
			status: "degraded",
			checks: [check("a", "fine"), check("b", "failed"), check("c", "new word")],
		});
		expect(health.checks.map((one) => one.name)).toEqual(["b", "c", "a"]);
		expect(health.checks[1]?.state).toBe("unknown");
		expect(health.process).toBeNull();
	});

	test("show lists and what is not set", () => {
		const setting = { source: "default", secret: false, changeable: false, changed_by: null };
		const found = parseConfiguration({
			items: [
				{ ...setting, key: "a", value: ["x", "y"] },
				{ ...setting, key: "b", value: null },
			],
		});
		expect(found.map((one) => one.value)).toEqual(['["x","y"]', null]);
	});
});

describe("events", () => {
	test("are gathered once each, newest first", () => {
		const event = (id: string | null, second: number) => ({
			id,
			type: "a:b",
			timestamp: new Date(second * 1000),
			source: "shell",
			data: {},
			by: null,
		});
		const all = gathered([event("e-1", 1), event("e-2", 2)], [event("e-2", 2), event("e-3", 3), event(null, 4)], 3);
		expect(all.map((one) => one.id)).toEqual([null, "e-3", "e-2"]);
	});

	test("get the data that a form means", () => {
		const field = (name: string, kind: string, isRequired = true) => ({
			name,
			kind,
			isRequired,
			about: "",
			choices: [],
		});
		const fields = [
			field("message", "text"),
			field("count", "integer"),
			field("online", "boolean"),
			field("note", "text", false),
		];
		expect(dataOf(fields, { message: " Hello ", count: "3", online: "true" })).toEqual({
			message: "Hello",
			count: 3,
			online: true,
		});
		expect(readData(' {"a": 1} ')).toEqual({ a: 1 });
		expect(readData("")).toEqual({});
		expect(() => readData("[1]")).toThrow();
		expect(() => readData("{")).toThrow();
	});

	test("have types that are read as the hub tells them", () => {
		const type = {
			type: "orders:changed",
			summary: "",
			emitter: "page",
			scope: { kind: "roles", roles: ["Employee"] },
			publish: ["Editor"],
			may_publish: true,
			data: [{ name: "a", kind: "text", required: true, about: "b" }],
		};
		expect(parseTypes({ items: [type] })[0]).toMatchObject({ scope: "roles", roles: ["Employee"], mayPublish: true });
		expect(() => parseTypes({ items: [{ ...type, data: null }] })).toThrow("data");
	});
});

describe("the record", () => {
	test("is asked for by filters, days as whole days", () => {
		expect(queryOf({})).toBe("");
		expect(queryOf({ action: "signin.done", person: " ada & co " })).toBe("action=signin.done&person=ada+%26+co");
		const query = new URLSearchParams(queryOf({ since: "2026-11-22", until: "2026-11-22" }));
		const hours = (Date.parse(query.get("until") ?? "") - Date.parse(query.get("since") ?? "")) / 3600e3;
		expect(hours).toBe(24);
	});

	test("tells which fields changed", () => {
		expect(differences({ active: true, roles: ["A"] }, { active: false, roles: ["A"] })).toEqual([
			{ field: "active", before: "true", after: "false" },
		]);
		expect(differences({ roles: ["A", "B"] }, { roles: [] })).toEqual([
			{ field: "roles", before: "A, B", after: null },
		]);
		expect(differences(null, { a: "x" })).toEqual([{ field: "a", before: null, after: "x" }]);
		expect(differences(null, null)).toEqual([]);
		expect(differences("x", "y")).toEqual([{ field: "", before: "x", after: "y" }]);
	});

	test("is read as the hub tells it", () => {
		const entry = {
			id: 7,
			at: AT,
			action: "signin.refused",
			outcome: "refused",
			person: null,
			address: "::1",
			right: null,
			target: { kind: "provider", name: "entra" },
			before: null,
			after: null,
			detail: "no",
			trace_id: "0".repeat(32),
		};
		const page = parseAudit({ items: [entry], next: 6, actions: ["signin.refused"] });
		expect(page).toMatchObject({ next: 6, actions: ["signin.refused"] });
		expect(page.items[0]).toMatchObject({ id: 7, outcome: "refused", person: null });
		expect(() => parseAudit({ items: [{ ...entry, at: 3 }], actions: [] })).toThrow("at");
	});
});
