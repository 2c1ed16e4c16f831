import { beforeEach, expect, test } from "vitest";
import { Preferences } from "../preferences.js";
import { sessionNotice } from "./notice.js";

function notice(locale: "fr" | "en" = "en") {
	const corner = document.createElement("div");
	document.body.append(corner);
	const preferences = new Preferences({ locale, theme: "system" });
	const made = sessionNotice(corner, preferences, window);
	const link = () => corner.querySelector<HTMLAnchorElement>("[data-testid=sign-in-again]");
	return { ...made, corner, link, preferences };
}

beforeEach(() => {
	document.body.replaceChildren();
	window.location.href = "https://hub.example/orders?page=2#late";
});

test("is shown once, with a way to sign in that comes back to this address", () => {
	const { show, corner, link } = notice();
	show();
	show();
	expect(corner.children).toHaveLength(1);
	expect(corner.textContent).toBe("Your session has ended.Sign in");
	expect(link()?.getAttribute("href")).toBe("/auth/login?return_to=%2Forders%3Fpage%3D2%23late");
});

test("comes back to where the person has gone meanwhile", () => {
	const { show, link } = notice();
	show();
	window.history.pushState(null, "", "/stock");
	link()?.addEventListener("click", (event) => event.preventDefault());
	link()?.click();
	expect(link()?.getAttribute("href")).toBe("/auth/login?return_to=%2Fstock");
});

test("speaks the language that is chosen, and is put away", () => {
	const { show, hide, corner, preferences } = notice("en");
	show();
	preferences.chooseLocale("fr");
	expect(corner.textContent).toBe("Votre session est terminée.Se connecter");
	corner.querySelector("button")?.click();
	expect(corner.children).toHaveLength(0);
	show();
	hide();
	expect(corner.children).toHaveLength(0);
});
