import { expect, test, vi } from "vitest";
import { en } from "./en.js";
import { fr } from "./fr.js";
import * as dashboard from "./main.js";
import { frontendProps } from "./testing.js";

function props(locale: "fr" | "en", domElement: HTMLElement) {
	return frontendProps({ locale, domElement, signal: AbortSignal.abort() });
}

test("shows itself, and changes its language without being mounted again", async () => {
	const root = document.createElement("div");
	document.body.append(root);
	await dashboard.mount(props("en", root));
	const heading = () => root.querySelector("hub-dashboard")?.shadowRoot?.querySelector("h1")?.textContent;
	await vi.waitFor(() => expect(heading()).toBe("Hello Linus"));
	await dashboard.update(props("fr", root));
	await vi.waitFor(() => expect(heading()).toBe("Bonjour Linus"));
	await dashboard.unmount(props("fr", root));
	expect(root.childElementCount).toBe(0);
});

test("breaks no French line before its punctuation", () => {
	const text = Object.values(fr)
		.map((entry) => (typeof entry === "string" ? entry : ""))
		.join("\n");
	expect(text).not.toMatch(/ [;:!?%]/);
	expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
});
