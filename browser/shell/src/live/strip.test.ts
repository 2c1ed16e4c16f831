import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Preferences } from "../preferences.js";
import { Strip } from "./strip.js";

function made() {
	const line = document.createElement("div");
	const preferences = new Preferences({ locale: "en", theme: "system" });
	return { line, preferences, strip: new Strip(line, preferences) };
}

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

test("says nothing while all is well, or only being tried", () => {
	const { line, strip } = made();
	for (const link of ["trying", "live", "trying"] as const) {
		strip.link(link);
		strip.network(true);
	}
	expect(line.childElementCount).toBe(0);
});

test("says that the network is gone, what still works, and that it is back", async () => {
	const { line, strip, preferences } = made();
	strip.network(false);
	expect(line.textContent).toContain("You are offline. You can read, but not save.");
	preferences.adoptLocale("fr");
	expect(line.textContent).toContain("Hors connexion.");
	strip.network(true);
	expect(line.textContent).toContain("Connexion rétablie.");
	await vi.advanceTimersByTimeAsync(4000);
	expect(line.childElementCount).toBe(0);
});

test("says that the hub does not answer until it does", async () => {
	const { line, strip } = made();
	strip.link("away");
	strip.link("trying");
	expect(line.textContent).toContain("The hub does not answer.");
	strip.link("live");
	expect(line.textContent).toContain("Connected again.");
	strip.network(false);
	await vi.advanceTimersByTimeAsync(4000);
	expect(line.textContent).toContain("You are offline.");
});
