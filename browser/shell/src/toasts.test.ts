import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Preferences } from "./preferences.js";
import { toasts } from "./toasts.js";

function made() {
	return toasts(new Preferences({ locale: "en", theme: "system" }));
}

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

test("says a message, and who says so, for a while", async () => {
	const { element, show } = made();
	show("Maintenance at 18:00.", "warning", { from: "Ada" });
	expect(element.querySelector("p")?.textContent).toBe("Maintenance at 18:00.Ada");
	await vi.advanceTimersByTimeAsync(6000);
	expect(element.childElementCount).toBe(0);
});

test("stays while there is something to do", async () => {
	const { element, show } = made();
	const run = vi.fn();
	show("Changed.", "info", { action: { label: "Reload", run } });
	await vi.advanceTimersByTimeAsync(60_000);
	element.querySelector<HTMLElement>("button.b")?.click();
	expect(run).toHaveBeenCalledOnce();
	element.querySelector<HTMLElement>("button.ib")?.click();
	expect(element.childElementCount).toBe(0);
});

test("shows no more at once than can be read, the youngest, and what there is to do", () => {
	const { element, show } = made();
	show("Changed.", "info", { action: { label: "Reload", run: () => {} } });
	for (let index = 0; index < 30; index++) {
		show(`message ${index}`);
	}
	const texts = [...element.querySelectorAll("p")].map((text) => text.textContent);
	expect(texts).toEqual(["Changed.", "message 26", "message 27", "message 28", "message 29"]);
});
