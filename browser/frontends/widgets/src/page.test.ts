import { type Api, ApiProblem, type FrontendProps, problemType } from "@mainhub/sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HubGallery } from "./page.js";
import { entry, frontendProps, widgetHost } from "./testing.js";
import "./page.js";

const ENTRIES = [entry("dashboard/orders", "Orders"), entry("widgets/health", "Health")];

function hub() {
	const kept: { generation: number; cards: unknown } = {
		generation: 1,
		cards: [{ widget: "dashboard/orders", size: "large" }],
	};
	return vi.fn<Api>(async (_path, init) => {
		if (init?.method === "PUT") {
			kept.cards = (init.body as typeof kept).cards;
			kept.generation += 1;
		}
		return structuredClone(kept);
	});
}

async function opened(api: Api, changes: Partial<FrontendProps> = {}) {
	const drawn = new Set<string>();
	const props = frontendProps({ api, widgets: widgetHost(ENTRIES, drawn), ...changes });
	const page = Object.assign(document.createElement("hub-gallery") as HubGallery, { props });
	document.body.append(page);
	await vi.waitFor(() => expect(page.placement.kind).not.toBe("loading"));
	await page.updateComplete;
	const entries = () => [...(page.shadowRoot?.querySelectorAll("gallery-entry") ?? [])];
	const button = (at: number) =>
		entries()[at]?.shadowRoot?.querySelector<HTMLButtonElement>("[data-testid=gallery-toggle]");
	const find = (testId: string) => page.shadowRoot?.querySelector<HTMLElement>(`[data-testid=${testId}]`);
	return { page, drawn, entries, button, find };
}

beforeEach(() => void vi.stubGlobal("IntersectionObserver", undefined));
afterEach(() => {
	document.body.replaceChildren();
	vi.unstubAllGlobals();
});

test("shows every card as it looks, whose it is, and whether it is placed", async () => {
	const { entries, button, drawn } = await opened(hub());
	await vi.waitFor(() => expect(drawn.size).toBe(2));
	expect(entries()[0]?.shadowRoot?.textContent).toContain("Medium, 6 of 12 columns");
	expect(button(0)?.textContent).toBe("Remove from my dashboard");
	expect(button(1)?.textContent).toBe("Place on my dashboard");
});

test("places a card and removes it again, and says so", async () => {
	const { button, page } = await opened(hub());
	button(1)?.click();
	await vi.waitFor(() => expect(button(1)?.textContent).toBe("Remove from my dashboard"));
	await vi.waitFor(() =>
		expect(page.shadowRoot?.querySelector("[role=status]")?.textContent).toBe("Health now stands on your dashboard."),
	);
	button(0)?.click();
	await vi.waitFor(() => expect(button(0)?.textContent).toBe("Place on my dashboard"));
});

test("says at the card what was not done, and why", async () => {
	const api = hub();
	const { button, entries } = await opened(api);
	api.mockRejectedValueOnce(
		new ApiProblem({
			type: problemType("invalid"),
			title: "Invalid",
			detail: "a dashboard holds 24 cards at most",
			status: 400,
		}),
	);
	button(1)?.click();
	await vi.waitFor(() =>
		expect(entries()[1]?.shadowRoot?.querySelector("[role=alert]")?.textContent).toContain("24 cards"),
	);
	expect(button(1)?.textContent).toBe("Place on my dashboard");
});

test("claims nothing about a dashboard that it could not ask for", async () => {
	const api = hub();
	api.mockRejectedValueOnce(new ApiProblem({ type: problemType("network") }));
	const { find, button } = await opened(api);
	expect(find("placement-unknown")).toBeTruthy();
	expect(button(0)?.disabled).toBe(true);
	find("placement-unknown")?.querySelector("button")?.click();
	await vi.waitFor(() => expect(button(0)?.disabled).toBe(false));
});

test("finds cards, and offers all of them when there is none", async () => {
	const { page, find, entries } = await opened(hub());
	const search = find("gallery-search") as HTMLInputElement;
	search.value = "heal";
	search.dispatchEvent(new Event("input"));
	await page.updateComplete;
	expect(entries()).toHaveLength(1);
	search.value = "nothing like it";
	search.dispatchEvent(new Event("input"));
	await page.updateComplete;
	find("gallery-empty")?.querySelector("button")?.click();
	await page.updateComplete;
	expect(entries()).toHaveLength(2);
});

test("says what will stand here when no card is open to the person", async () => {
	const { find } = await opened(hub(), { widgets: widgetHost([]) });
	expect(find("gallery-empty")?.textContent).toContain("No card is open to you yet");
});
