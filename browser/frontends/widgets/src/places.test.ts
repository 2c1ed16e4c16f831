import { afterEach, expect, test, vi } from "vitest";
import type { HubWidgets } from "./places.js";
import { frontendProps } from "./testing.js";
import "./places.js";

afterEach(() => {
	document.body.replaceChildren();
	window.history.replaceState(null, "", "/");
});

async function at(path: string) {
	window.history.replaceState(null, "", path);
	const setTitle = vi.fn();
	const page = Object.assign(document.createElement("hub-widgets") as HubWidgets, {
		props: frontendProps({ basePath: "/widgets", setTitle }),
	});
	document.body.append(page);
	await page.updateComplete;
	const drawn = () =>
		[...(page.shadowRoot?.children ?? [])].map((one) => one.localName).filter((name) => name !== "style");
	return { page, setTitle, drawn };
}

test("is the gallery at its own address, and anywhere else that it does not know", async () => {
	for (const path of ["/widgets", "/widgets/nowhere"]) {
		const { drawn, setTitle } = await at(path);
		expect(drawn()).toEqual(["hub-gallery"]);
		expect(setTitle).toHaveBeenLastCalledWith("Widgets");
	}
});

test("is the person's sessions at theirs, and follows the address", async () => {
	const { page, drawn, setTitle } = await at("/widgets/my-sessions");
	expect(drawn()).toEqual(["header", "my-sessions"]);
	expect(setTitle).toHaveBeenLastCalledWith("My sessions");
	window.history.replaceState(null, "", "/widgets");
	window.dispatchEvent(new PopStateEvent("popstate"));
	await page.updateComplete;
	expect(drawn()).toEqual(["hub-gallery"]);
});
