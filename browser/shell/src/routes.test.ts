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

test("a front-end is opened by its first route", () => {
	expect(firstPath(frontend("orders", ["/orders", "/o"]))).toBe("/orders");
});
