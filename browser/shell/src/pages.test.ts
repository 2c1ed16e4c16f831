import { expect, test } from "vitest";
import { parseBoot } from "./boot.js";
import { ownPage } from "./pages.js";
import { Preferences } from "./preferences.js";
import { bootData } from "./testing.js";

const ADMIN = { name: "admin", titles: { fr: "Administration", en: "Administration" }, needs: ["Admin"] };

function shown(changes: object, isOwned: boolean): string | null {
	const boot = parseBoot({ ...bootData(), ...changes });
	return ownPage(boot, new Preferences(boot), isOwned)?.dataset["testid"] ?? null;
}

test.each([
	["a front-end", {}, true, null],
	["what the server did not find", { notFound: true }, false, "not-found-page"],
	["what the server found and nobody here owns", {}, false, "not-found-page"],
	["what is refused", { refused: ADMIN }, false, "refused-page"],
])("at the address of %s", (_, changes, isOwned, page) => {
	expect(shown(changes, isOwned)).toBe(page);
});
