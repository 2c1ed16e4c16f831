import { type Api, ApiProblem, type FrontendProps, problemType } from "@mainhub/sdk";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BoardCard } from "./board-card.js";
import { fr } from "./fr.js";
import type { HubDashboard } from "./page.js";
import { entry, frontendProps, widgetHost } from "./testing.js";
import "./page.js";

const IDS = ["dashboard/orders", "dashboard/person", "widgets/health"];
const ENTRIES = [
	entry("dashboard/orders", "Orders"),
	entry("dashboard/person", "Who I am"),
	entry("widgets/health", "Health"),
];
const CARDS = IDS.map((widget) => ({ widget, size: "small" }));

function hub(cards: readonly unknown[] = CARDS) {
	const kept = { generation: 1, cards };
	return vi.fn<Api>(async (_path, init) => {
		if (init?.method === "PUT") {
			Object.assign(kept, init.body, { generation: kept.generation + 1 });
		}
		return structuredClone(kept);
	});
}

async function opened(api: Api, changes: Partial<FrontendProps> = {}, isArranging = true) {
	const drawn = new Set<string>();
	const props = frontendProps({ api, widgets: widgetHost(ENTRIES, drawn), ...changes });
	const page = Object.assign(document.createElement("hub-dashboard") as HubDashboard, { props });
	document.body.append(page);
	await vi.waitFor(() => expect(page.shadowRoot?.querySelector("board-grid, [data-testid=board-failed]")).toBeTruthy());
	const find = (testId: string) => page.shadowRoot?.querySelector<HTMLElement>(`[data-testid=${testId}]`);
	const grid = () => page.shadowRoot?.querySelector("board-grid")?.shadowRoot ?? null;
	const settled = async () => {
		await vi.waitFor(() => expect(page.board).not.toMatchObject({ saving: { kind: "saving" } }));
		await page.updateComplete;
		await page.shadowRoot?.querySelector("board-grid")?.updateComplete;
	};
	if (isArranging) {
		find("arrange")?.click();
		await page.updateComplete;
	}
	await settled();
	const cards = () => [...(grid()?.querySelectorAll<BoardCard>("board-card") ?? [])];
	const inCard = (at: number, testId: string) =>
		cards()[at]?.shadowRoot?.querySelector<HTMLElement>(`[data-testid=${testId}]`);
	const spoken = () => grid()?.querySelector("[data-testid=board-spoken]")?.textContent;
	const order = () => cards().map((card) => card.dataset["widget"]);
	const press = async (at: number, ...keys: readonly string[]) => {
		for (const key of keys) {
			const handle = inCard(at, "card-handle");
			handle?.focus();
			key === " "
				? handle?.click()
				: handle?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
			await settled();
		}
	};
	return { page, api, drawn, find, cards, inCard, spoken, order, press, settled };
}

beforeEach(() => {
	vi.stubGlobal("matchMedia", () => ({ matches: true }));
});
afterEach(() => {
	document.body.replaceChildren();
	vi.unstubAllGlobals();
});

describe("the dashboard", () => {
	test("draws each card by the host, and takes it away with the page", async () => {
		const leave = new AbortController();
		const { drawn, order, inCard } = await opened(hub(), { signal: leave.signal }, false);
		expect(order()).toEqual(IDS);
		expect([...drawn]).toEqual(IDS);
		expect(inCard(0, "card-handle")).toBeNull();
		leave.abort();
		expect(drawn.size).toBe(0);
	});

	test("moves a card by keyboard, tells every step, and changes the page only when it is dropped", async () => {
		const { press, spoken, order, drawn, page } = await opened(hub());
		await press(0, " ");
		expect(spoken()).toMatch(/^Orders picked up, place 1 of 3/);
		await press(0, "ArrowDown");
		expect(spoken()).toBe("Orders: place 2 of 3.");
		expect(order()).toEqual(IDS);
		await press(0, "End", "ArrowRight");
		expect(spoken()).toBe("Orders stands last already.");
		await press(0, "Enter");
		expect(spoken()).toBe("Orders dropped on place 3 of 3.");
		expect(order()).toEqual([IDS[1], IDS[2], IDS[0]]);
		expect(page.board).toMatchObject({ saving: { kind: "saved" } });
		expect([...drawn]).toEqual(IDS);
	});

	test("puts a card back on Escape, and sends nothing", async () => {
		const api = hub();
		const { press, spoken, order } = await opened(api);
		await press(1, "Enter", "Home", "Escape");
		expect(spoken()).toBe("Who I am put back on place 2 of 3.");
		expect(order()).toEqual(IDS);
		expect(api.mock.calls.map(([, init]) => init?.method ?? "GET")).not.toContain("PUT");
	});

	test("does not pick up and drop in turns while a key is held down", async () => {
		const { inCard, settled, spoken } = await opened(hub());
		const hold = (repeat: boolean) =>
			inCard(0, "card-handle")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat, bubbles: true }));
		inCard(0, "card-handle")?.focus();
		hold(false);
		hold(true);
		await settled();
		expect(spoken()).toMatch(/picked up/);
	});

	test("moves by single presses, resizes and removes, and takes it back", async () => {
		const { inCard, settled, order, page } = await opened(hub());
		inCard(0, "card-later")?.click();
		await settled();
		expect(order()).toEqual([IDS[1], IDS[0], IDS[2]]);
		const select = inCard(0, "card-size") as HTMLSelectElement;
		select.value = "full";
		select.dispatchEvent(new Event("change"));
		await settled();
		expect(page.board).toMatchObject({ cards: [{ widget: IDS[1], size: "full" }, {}, {}] });
		inCard(2, "card-remove")?.click();
		await settled();
		expect(order()).toEqual([IDS[1], IDS[0]]);
		const bar = page.shadowRoot?.querySelector("board-bar")?.shadowRoot;
		expect(bar?.textContent).toContain("Health removed.");
		bar?.querySelector<HTMLElement>("[data-testid=board-undo]")?.click();
		await settled();
		expect(order()).toEqual([IDS[1], IDS[0], IDS[2]]);
	});

	test("keeps the place of a card that is not available now, and lets it be removed", async () => {
		const { inCard, order, settled, drawn } = await opened(
			hub([...CARDS, { widget: "gone/card", size: "full" }]),
			{},
			false,
		);
		expect(inCard(3, "absent-card")?.textContent).toContain("gone/card");
		expect(drawn.has("gone/card")).toBe(false);
		inCard(3, "absent-remove")?.click();
		await settled();
		expect(order()).toEqual(IDS);
	});

	test("draws a card as soon as it is open to the person, and no longer than it is", async () => {
		const { page, drawn, settled, inCard } = await opened(hub(), {}, false);
		page.props = { ...page.props, widgets: widgetHost(ENTRIES.slice(0, 2), drawn) };
		await settled();
		expect([...drawn]).toEqual(IDS.slice(0, 2));
		expect(inCard(2, "absent-card")).toBeTruthy();
		page.props = { ...page.props, widgets: widgetHost(ENTRIES, drawn) };
		await settled();
		expect([...drawn]).toEqual(IDS);
	});

	test("keeps what could not be saved, says so, and saves it on Retry", async () => {
		const api = hub();
		const { press, page, order, settled } = await opened(api);
		api.mockRejectedValueOnce(new ApiProblem({ type: problemType("network") }));
		await press(0, " ", "End", " ");
		expect(order()).toEqual([IDS[1], IDS[2], IDS[0]]);
		const bar = page.shadowRoot?.querySelector("board-bar")?.shadowRoot;
		expect(bar?.querySelector("[role=status]")?.textContent).toMatch(/^Not saved yet/);
		expect(page.unsaved).not.toBeNull();
		bar?.querySelector<HTMLElement>("[data-testid=board-retry]")?.click();
		await settled();
		expect(page.unsaved).toBeNull();
	});

	test("says what will stand on an empty page, with the way to the gallery", async () => {
		const gallery = { name: "widgets", titles: { fr: "Widgets", en: "Widgets" }, icon: "layers", path: "/widgets" };
		const { find, settled } = await opened(hub([]), { frontends: [gallery], locale: "fr" }, false);
		await settled();
		expect(find("board-empty")?.textContent).toContain(fr.noCards);
		expect(find("board-empty")?.querySelector("a")?.getAttribute("href")).toBe("/widgets");
	});

	test("asks before it goes back to the default, and keeps the focus with the question", async () => {
		const { find, page, settled } = await opened(hub());
		find("reset")?.click();
		await settled();
		expect(page.shadowRoot?.activeElement).toBe(find("reset-no"));
		find("reset-no")?.click();
		await settled();
		expect(page.shadowRoot?.activeElement).toBe(find("reset"));
	});

	test("says why there is no dashboard, and comes back on Retry", async () => {
		const api = hub();
		api.mockRejectedValueOnce(new ApiProblem({ type: problemType("unavailable"), status: 503, traceId: "abc" }));
		const { find, page } = await opened(api, {}, false);
		expect(find("board-failed")?.textContent).toContain("abc");
		find("board-reload")?.click();
		await vi.waitFor(() => expect(page.board.kind).toBe("ready"));
	});
});
