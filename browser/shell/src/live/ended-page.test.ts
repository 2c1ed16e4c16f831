import { beforeEach, expect, test, vi } from "vitest";
import { Preferences } from "../preferences.js";
import { endedPage, otherPersonPage } from "./ended-page.js";
import { END_REASONS } from "./wire.js";

const login = vi.fn();
const parts = (chosen: Preferences) => ({ preferences: chosen, page: window, login });
const preferences = () => new Preferences({ locale: "en", theme: "system" });

beforeEach(() => {
	window.location.href = "https://hub.example/orders?page=2#late";
});

test.each(END_REASONS)("says why, what became of the work, and where to sign in: %s", (reason) => {
	const { element, title, isCover } = endedPage(reason, null, parts(preferences()));
	expect(element.querySelector("h1")?.textContent).toBe("Your session has ended");
	expect(title()).toBe("Your session has ended");
	expect(element.querySelector(".cause")?.textContent).not.toBe("");
	expect(element.textContent).toContain(isCover ? "is still there, covered" : "did not save is gone");
	const link = element.querySelector("[data-testid=sign-in-again]");
	expect(link?.getAttribute("href")).toBe("/auth/login?return_to=%2Forders%3Fpage%3D2%23late");
});

test("says who ended it, and speaks the language that is chosen", () => {
	const chosen = preferences();
	const { element } = endedPage("revoked", "Ada <Lovelace>", parts(chosen));
	expect(element.querySelector(".cause")?.textContent).toBe("Ada <Lovelace> ended it, from the list of sessions.");
	chosen.adoptLocale("fr");
	expect(element.querySelector(".cause")?.textContent).toContain("fermée par Ada <Lovelace>");
});

test("says whose page it was when somebody else has signed in", () => {
	const { element } = otherPersonPage("Linus", preferences(), window);
	expect(element.textContent).toContain("This page was Linus’s.");
	expect(element.querySelector("button")?.textContent).toBe("Reload");
});

test("covers the page where nobody meant it to go, and signs in beside it", () => {
	const { element, isCover } = endedPage("expired", null, parts(preferences()));
	const link = element.querySelector<HTMLAnchorElement>("[data-testid=sign-in-again]");
	const click = new MouseEvent("click", { cancelable: true });
	link?.dispatchEvent(click);
	expect(isCover).toBe(true);
	expect(click.defaultPrevented).toBe(true);
	expect(login).toHaveBeenCalledOnce();
	expect(endedPage("signed-out", null, parts(preferences())).isCover).toBe(false);
	expect(endedPage("revoked", null, parts(preferences())).isCover).toBe(false);
});
