import { describe, expect, test, vi } from "vitest";
import { BootInvalid, parseBoot, parseFrontends, readBoot } from "./boot.js";
import { bootData, frontend } from "./testing.js";

describe("parseBoot", () => {
	test("orders the front-ends and freezes the person", () => {
		const boot = parseBoot(bootData());
		expect(boot.frontends.map((frontend) => frontend.name)).toEqual(["home", "late"]);
		expect(Object.isFrozen(boot.user)).toBe(true);
		expect(Object.isFrozen(boot.user.roles)).toBe(true);
	});

	test("reads the front-end that was refused", () => {
		const refused = { name: "admin", titles: { fr: "Administration", en: "Administration" }, needs: ["Admin"] };
		expect(parseBoot({ ...bootData(), refused }).refused).toEqual(refused);
	});

	test("takes a front-end for which nothing was published", () => {
		const unbuilt = { ...frontend("unbuilt"), url: null };
		expect(parseBoot({ ...bootData(), frontends: [unbuilt] }).frontends).toEqual([unbuilt]);
	});

	test.each([
		["x", { name: "x", titles: {} }, "boot.frontends[0].titles.fr"],
		["x", { ...frontend("x"), url: 7 }, "boot.frontends[0].url"],
		["without a name", null, "boot.frontends[0]"],
	])("leaves out a front-end that it does not understand, once and by its name: %s", (name, entry, path) => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
		const boot = parseBoot({ ...bootData(), frontends: [entry, frontend("sound")] });
		expect(boot.frontends.map((one) => one.name)).toEqual(["sound"]);
		expect(warn).toHaveBeenCalledOnce();
		expect(warn.mock.calls[0]?.[0]).toContain(`Front-end ${name} is left out: ${path}`);
	});

	test.each([
		["boot", null],
		["boot.locale", { ...bootData(), locale: "de" }],
		["boot.user", { ...bootData(), user: [] }],
		["boot.frontends", { ...bootData(), frontends: {} }],
		["boot.limits.loadSeconds", { ...bootData(), limits: { loadSeconds: "8" } }],
	])("names %s when it is wrong", (path, data) => {
		expect(() => parseBoot(data)).toThrow(BootInvalid);
		expect(() => parseBoot(data)).toThrow(path);
	});
});

test("reads the widgets of a front-end, and leaves out those that it does not understand", () => {
	const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
	const titles = { fr: "Tard", en: "Late" };
	const late = { name: "late", titles, summaries: titles, icon: "clock", size: "small" };
	const widgets = [late, { ...late, name: "odd", size: "huge" }];
	const items = [
		{ ...frontend("orders"), widgets },
		{ ...frontend("stock"), widgets: undefined },
	];
	const [orders, stock] = parseFrontends({ items });
	expect(orders?.widgets).toEqual([{ ...late, id: "orders/late", frontend: "orders" }]);
	expect(stock?.widgets).toEqual([]);
	expect(warn.mock.calls[0]?.[0]).toContain("Widget odd is left out");
});

test("refuses a page without boot data, and one whose boot data is no JSON", () => {
	expect(() => readBoot(document)).toThrow("no boot data");
	const script = Object.assign(document.createElement("script"), { type: "application/json", id: "mainhub-boot" });
	script.textContent = "{";
	document.body.append(script);
	expect(() => readBoot(document)).toThrow("not JSON");
	script.textContent = JSON.stringify(bootData());
	expect(readBoot(document).locale).toBe("fr");
});
