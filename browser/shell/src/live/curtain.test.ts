import { beforeEach, expect, test } from "vitest";
import { Preferences } from "../preferences.js";
import { Curtain } from "./curtain.js";

function page(isCover: boolean, text = "over") {
	const element = document.createElement("main");
	element.tabIndex = -1;
	element.textContent = text;
	return { element, title: () => text, isCover };
}

function stage() {
	const root = document.createElement("div");
	root.textContent = "theirs";
	document.body.append(root);
	return { root, curtain: new Curtain(root, new Preferences({ locale: "en", theme: "system" })) };
}

beforeEach(() => document.body.replaceChildren());

test("covers the page, and shows it again as it was", () => {
	const { root, curtain } = stage();
	expect(curtain.rise()).toBe(false);
	expect(curtain.fall(page(true))).toBe(true);
	expect([curtain.isDown, root.hidden, document.title]).toEqual([true, true, "over · MainHub"]);
	expect(curtain.rise()).toBe(true);
	expect([curtain.isDown, root.hidden, document.body.textContent]).toEqual([false, false, "theirs"]);
});

test("takes the page away for good, also from under a cover", () => {
	const { root, curtain } = stage();
	curtain.fall(page(true, "expired"));
	expect(curtain.fall(page(true, "again"))).toBe(false);
	expect(curtain.fall(page(false, "somebody else"))).toBe(true);
	expect(document.body.textContent).toBe("somebody else");
	expect(root.hidden).toBe(false);
	expect(curtain.rise()).toBe(false);
	expect(curtain.fall(page(false))).toBe(false);
});
