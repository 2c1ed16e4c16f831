import { expect, test } from "vitest";
import { grantedRoles } from "./roles.js";

test("names all roles that were given", () => {
	expect(grantedRoles({ roles: ["Admin", "Finance"] })).toEqual(["Admin", "Finance"]);
});

test("says that a person without a role has none", () => {
	expect(grantedRoles({ roles: ["USER"] })).toEqual([]);
});
