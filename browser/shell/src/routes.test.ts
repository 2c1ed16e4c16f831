import { expect, test } from "vitest";
import { firstPath, matchesRoute, ownerOf } from "./routes.js";
import { frontend } from "./testing.js";

test.each([
	["/", "/", true],
	["/orders", "/", false],
	["/orders", "/orders", true],
	["/orders/1", "/orders", true],
	["/orders/", "/orders", true],
	["/orders2", "/orders", false],
	["/orders/1", "/orders/", true],
	["/", "/orders", false],
])("%s lies under %s: %s", (path, route, expected) => {
	expect(matchesRoute(path, route)).toBe(expected);
});

test("the longest route owns a path", () => {
	const frontends = [frontend("home", ["/"]), frontend("orders"), frontend("late", ["/orders/late"])];
	expect(ownerOf("/orders/late/1", frontends)?.name).toBe("late");
	expect(ownerOf("/orders/later", frontends)?.name).toBe("orders");
	expect(ownerOf("/", frontends)?.name).toBe("home");
	expect(ownerOf("/nowhere", frontends)).toBeNull();
});

test.each([
	["/order%73", "orders"],
	["/%6Frders/caf%C3%A9", "orders"],
	["/d%C3%A9p%C3%B4t", "dépôt"],
	["/orders%2F1", "orders"],
	["/order%2573", null],
	["/orders/%zz", null],
	["/orders/%E9", null],
	["/orders%", null],
])("%s, as the address has it, belongs to %s", (path, name) => {
	expect(ownerOf(path, [frontend("orders"), frontend("dépôt")])?.name ?? null).toBe(name);
});

test("a front-end is opened by its first route", () => {
	expect(firstPath(frontend("orders", ["/orders", "/o"]))).toBe("/orders");
});
