import { expect, test, vi } from "vitest";
import { Preferences } from "./preferences.js";

function made() {
	const preferences = new Preferences({ locale: "en", theme: "system" });
	const chosen = vi.fn();
	const watched = vi.fn();
	preferences.onChoice = chosen;
	preferences.watch(watched);
	watched.mockClear();
	return { preferences, chosen, watched };
}

test("says what the person chooses here", () => {
	const { preferences, chosen, watched } = made();
	preferences.chooseTheme("dark");
	preferences.chooseLocale("fr");
	expect(chosen.mock.calls).toEqual([[{ theme: "dark" }], [{ locale: "fr" }]]);
	expect(watched).toHaveBeenCalledTimes(2);
	expect(document.documentElement.dataset["theme"]).toBe("dark");
	expect(document.documentElement.lang).toBe("fr");
});

test("adopts what was chosen elsewhere without saying it again", () => {
	const { preferences, chosen, watched } = made();
	preferences.adoptTheme("light");
	preferences.adoptLocale("fr");
	expect(watched).toHaveBeenCalledTimes(2);
	expect(chosen).not.toHaveBeenCalled();
});
