import { beforeEach, expect, test } from "vitest";
import { Preferences } from "../preferences.js";
import { endedPage, otherPersonPage } from "./ended-page.js";
import { END_REASONS } from "./wire.js";

const preferences = () => new Preferences({ locale: "en", theme: "system" });

beforeEach(() => {
	window.location.href = "https://hub.example/orders?page=2#late";
});

test.each(END_REASONS)("says why, what became of the work, and where to sign in: %s", (reason) => {
	const { element, title } = endedPage(reason, null, preferences(), window);
	expect(element.querySelector("h1")?.textContent).toBe("Your session has ended");
	expect(title()).toBe("Your session has ended");
	expect(element.querySelector(".cause")?.textContent).not.toBe("");
	expect(element.textContent).toContain("did not save is gone");
	const link = element.querySelector("[data-testid=sign-in-again]");
	expect(link?.getAttribute("href")).toBe("/auth/login?return_to=%2Forders%3Fpage%3D2%23late");
});

test("says who ended it, and speaks the language that is chosen", () => {
	const chosen = preferences();
	const { element } = endedPage("revoked", "Ada <Lovelace>", chosen, window);
	expect(element.querySelector(".cause")?.textContent).toBe("Ada <Lovelace> ended it, from the list of sessions.");
	chosen.adoptLocale("fr");
	expect(element.querySelector(".cause")?.textContent).toContain("fermée par Ada <Lovelace>");
});

test("says whose page it was when somebody else has signed in", () => {
	const { element } = otherPersonPage("Linus", preferences(), window);
	expect(element.textContent).toContain("This page was Linus’s.");
	expect(element.querySelector("button")?.textContent).toBe("Reload");
});
