import { expect, test, vi } from "vitest";
import { access, explained, give, take } from "../../../../dev/access.mjs";
import { bodyOf, NO_DRAFT, parseAccess, peopleOf, readNames, wantedOf } from "./access.js";
import { explainPath, parseExplained, shownOf } from "./explained.js";
import { reasonsTold, rightsNamed, rightsTold, whenceTold, whyTold } from "./told.js";
import { ACCESS_WORDS } from "./words.js";
import "./section.js";

/** Whatever an element holds: these tests look behind its doors. */
type Loose = ReturnType<typeof JSON.parse>;

const settled = async (el: Loose) => {
	for (let i = 0; i < 30; i++) await new Promise((done) => setTimeout(done, 0));
	await el.updateComplete;
};

async function page(api: Loose) {
	const props = {
		api: vi.fn(api),
		signal: new AbortController().signal,
		locale: "en",
		notify: vi.fn(),
		user: { id: "1", name: "Ada Lovelace" },
		bus: { on: () => () => {} },
	};
	const el: Loose = Object.assign(document.createElement("admin-access"), { props });
	document.body.append(el);
	await settled(el);
	const find = (name: string) => el.renderRoot.querySelector(`[data-testid=${name}]`);
	const press = async (name: string) => {
		find(name).click();
		await settled(el);
	};
	const type = async (name: string, value: string) => {
		find(name).value = value;
		find(name).dispatchEvent(new Event(find(name).tagName === "SELECT" ? "change" : "input"));
		await settled(el);
	};
	return { el, props, find, press, type };
}

const SESSIONS = {
	items: ["2", "2", "1"].map((id) => ({
		person: { id, name: id === "1" ? "Ada" : "Linus", email: `${id}@x`, roles: [] },
	})),
};

async function hub(path: string, init: Loose = {}) {
	if (path.startsWith("/hub/v1/sessions")) return SESSIONS;
	if (path.includes("/explain")) return explained(new URL(path, "http://hub").searchParams);
	if (init.method === "POST") return give(init.body);
	if (init.method === "DELETE") return take(path.split("/").at(-1) ?? "") ? null : Promise.reject(new Error("gone"));
	return access();
}

test("grants stand before what the settings say, with the titles of their groups", () => {
	const { items, knownRoles } = parseAccess(access());
	expect(items.map(({ key, source }) => `${source} ${key}`)).toEqual([
		"run-time grant 1",
		"run-time grant 2",
		"settings group f890ac4e-a9ef-5922-bb38-2cc3d3d5714b",
		"settings group 1534681b-c653-54cc-8685-c0d0422b0c72",
		"settings role Buyer",
	]);
	expect(items[1]?.to.title).toBe("Warehouse");
	expect(knownRoles).toContain("Buyer");
	expect(() => parseAccess({ roles: [], groups: [], grants: [{ id: "1" }] })).toThrow("to");
});

test("what is typed is a grant once it says who and what", () => {
	expect(readNames("Editor, Buyer Editor\n")).toEqual(["Editor", "Buyer"]);
	const people = peopleOf(SESSIONS);
	expect(people.map(({ label }) => label)).toEqual(["Ada · 1@x", "Linus · 2@x"]);
	expect(wantedOf(NO_DRAFT, people)).toBeNull();
	expect(wantedOf({ ...NO_DRAFT, who: "Linus · 2@x" }, people)).toBeNull();
	const wanted = wantedOf({ ...NO_DRAFT, who: "Linus · 2@x", roles: "Editor" }, people);
	expect(wanted?.to).toEqual({ kind: "person", name: "2", title: "Linus" });
	const unknown = wantedOf({ ...NO_DRAFT, who: "oid-9", permissions: "a:b", until: "2026-12-24" }, people);
	expect(unknown?.to).toEqual({ kind: "person", name: "oid-9", title: null });
	expect(unknown?.until?.getDate()).toBe(25);
	expect(bodyOf(unknown as Loose)).toMatchObject({ roles: [], permissions: ["a:b"] });
});

test("reasons tell the way from the person to the right, and where it comes from", () => {
	const found = parseExplained(explained(new URLSearchParams({ person: "2" })));
	const of = (name: string) => found.items.find((one) => one.name === name) as Loose;
	expect(reasonsTold(of("orders"), "en")).toEqual([
		"role Employee (named by the identity provider)",
		"group Purchasing → role Buyer → permission orders:write (settings)",
	]);
	expect(reasonsTold(of("dashboard"), "fr")).toEqual(["Ouvert à toute personne connectée"]);
	expect(reasonsTold(of("admin"), "en")).toEqual(["Needs the role Admin"]);
	expect(reasonsTold(of("widgets"), "en")).toEqual(["Closed for everybody under Front-ends"]);
	expect(reasonsTold(of("notification:show"), "en")).toEqual(["Open to nobody"]);
	expect(whyTold(found.held[1]?.why[0] as Loose, "en")).toContain("given by Ada Lovelace");
	expect(found.held[0]?.why.map((one) => whenceTold(one, "en"))).toEqual(["named by the identity provider"]);
	expect(shownOf(found.items, "refused").every((one) => !one.allowed)).toBe(true);
	expect(rightsNamed({ roles: ["A"], permissions: ["b:c"] }, "fr")).toBe("rôle A, permission b:c");
	expect(rightsTold({ roles: ["A"], permissions: ["b:c"] }, "en")).toBe("the role A and the permission b:c");
});

test("a question is about a person, or about roles and groups", () => {
	expect(explainPath({ person: "a:b c" })).toBe("/hub/v1/access/explain?person=a%3Ab+c");
	expect(explainPath({ roles: ["A", "B"], groups: ["g"] })).toBe("/hub/v1/access/explain?roles=A&roles=B&groups=g");
});

test("the change is told before it is made, then given, then taken back after a yes", async () => {
	const { el, props, find, press, type } = await page(hub);
	await press("access-give");
	expect(find("access-give-yes").disabled).toBe(true);
	await type("access-who", "Linus · 2@x");
	await type("access-roles", "Admin");
	expect(find("access-change").textContent).toContain("Linus gets the role Admin");
	expect(find("access-change").textContent).toContain(ACCESS_WORDS.en.isAdmin);
	expect(props.api.mock.calls.some(([, init]: Loose) => init?.method === "POST")).toBe(false);
	find("access-form").dispatchEvent(new Event("submit", { cancelable: true }));
	await settled(el);
	const row = () => el.renderRoot.querySelector('tr[data-access="grant 3"]');
	expect(row().textContent).toContain("role Admin");
	row().querySelector("[data-testid=open-row]").click();
	await settled(el);
	await press("access-take");
	expect(find("access-ask").textContent).toContain("no longer gets the role Admin");
	expect(row()).not.toBeNull();
	await press("access-take-yes");
	expect(row()).toBeNull();
});

test("what stands in the settings cannot be taken back here, and says where it stands", async () => {
	const { el, find } = await page(hub);
	el.renderRoot.querySelector('tr[data-access="role Buyer"] [data-testid=open-row]').click();
	await settled(el);
	expect(find("access-take")).toBeNull();
	expect(find("admin-panel").textContent).toContain('[access.roles] (role = "Buyer")');
});

test("what fails is told, and what was typed stays", async () => {
	const { el, find, press, type } = await page(async (path: string, init: Loose) => {
		if (init?.method === "POST") throw new TypeError("net");
		return hub(path, init);
	});
	await press("access-give");
	await type("access-who", "oid-9");
	await type("access-permissions", "orders:write");
	find("access-form").dispatchEvent(new Event("submit", { cancelable: true }));
	await settled(el);
	expect(find("admin-mishap").textContent).toContain("Giving access did not work");
	expect(find("access-who").value).toBe("oid-9");
});

test("both languages say the same things", () => {
	expect(Object.keys(ACCESS_WORDS.fr)).toEqual(Object.keys(ACCESS_WORDS.en));
});
