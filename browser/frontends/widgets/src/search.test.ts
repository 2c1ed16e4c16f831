import { expect, test } from "vitest";
import { found } from "./search.js";
import { entry } from "./testing.js";

const ENTRIES = [entry("dashboard/orders", "Orders"), entry("widgets/events", "Événements récents")];
const HOME = { name: "dashboard", titles: { fr: "Accueil", en: "Home" }, icon: "home", path: "/" };

test.each([
	["", 2],
	["  evenements ", 1],
	["ÉVÉNEMENTS rec", 1],
	["home", 1],
	["orders home", 1],
	["orders widgets", 0],
])("finds %j", (query, count) => {
	expect(found(ENTRIES, query, "en", [HOME])).toHaveLength(count);
});
