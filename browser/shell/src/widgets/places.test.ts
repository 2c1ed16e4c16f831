import type { FrontendProps, Widget } from "@mainhub/sdk/core";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Attempt } from "../attempt.js";
import { FrontendFailure } from "../failure.js";
import { FrontendList } from "../frontends.js";
import { Preferences } from "../preferences.js";
import { frontend } from "../testing.js";
import { WidgetPlaces } from "./places.js";

function entry(name: string, size: "small" | "large" = "small") {
	const titles = { fr: `${name} (fr)`, en: name };
	return { id: `orders/${name}`, frontend: "orders", name, titles, summaries: titles, icon: "box", size };
}

function made(
	widgets: Readonly<Record<string, Partial<Widget>>>,
	load = vi.fn(async (): Promise<unknown> => ({ widgets })),
) {
	const orders = { ...frontend("orders"), widgets: Object.keys(widgets).map((name) => entry(name)) };
	const preferences = new Preferences({ locale: "en", theme: "light" });
	const failed = vi.fn();
	const reloadPage = vi.fn();
	const needsNewPage = vi.fn(() => false);
	const places = new WidgetPlaces({
		frontends: new FrontendList([orders]),
		preferences,
		loader: { load, needsNewPage },
		limits: { loadSeconds: 1, mountSeconds: 0.05 },
		propsFor: (_: unknown, { signal }: Attempt) =>
			({ name: "orders", signal, locale: preferences.locale, domElement: document.body }) as unknown as FrontendProps,
		failed,
		reloadPage,
	});
	const leaving = new AbortController();
	const root = document.createElement("div");
	const inside = (index = 0) => root.children[index]?.shadowRoot;
	const show = (id = "orders/open", size?: "large") => places.mount(id, root, leaving.signal, size);
	return { places, load, preferences, failed, leaving, root, inside, show, reloadPage, needsNewPage };
}

const draws = (text: string): Widget => ({ mount: vi.fn((root: HTMLElement) => root.append(text)) });

describe("WidgetPlaces", () => {
	beforeEach(() => {
		vi.spyOn(console, "warn").mockImplementation(() => {});
	});

	test("draws a widget into a box of its own, with what a widget may have", async () => {
		const open = draws("here");
		const { show, inside, root } = made({ open });
		await show("orders/open", "large");
		expect(inside()?.querySelector(".place-content")?.textContent).toBe("here");
		expect(inside()?.querySelector(".widget-skeleton")).toBeNull();
		expect((root.firstElementChild as HTMLElement).dataset["state"]).toBe("mounted");
		const props = vi.mocked(open.mount).mock.calls[0]?.[1];
		expect(props).toMatchObject({ name: "orders", size: "large" });
		expect(props).not.toHaveProperty("domElement");
	});

	test("loads the module once for all its widgets, and gives each the size it was made for", async () => {
		const [open, late] = [draws("open"), draws("late")];
		const { show, load } = made({ open, late });
		await Promise.all([show("orders/open"), show("orders/late"), show("orders/open")]);
		expect(load).toHaveBeenCalledOnce();
		expect(vi.mocked(late.mount).mock.calls[0]?.[1].size).toBe("small");
	});

	test("unmounts and takes away at the signal", async () => {
		const unmount = vi.fn();
		const { show, leaving, root } = made({ open: { ...draws("x"), unmount } });
		await show();
		leaving.abort();
		expect(root.childElementCount).toBe(0);
		expect(unmount).toHaveBeenCalledOnce();
		await show();
		expect(root.childElementCount).toBe(0);
	});

	test.each([
		["contract", { open: {} }, undefined],
		["mount", { open: { mount: () => Promise.reject(new Error("planted")) } }, undefined],
		[
			"mount",
			{
				open: {
					mount: () => {
						throw new Error("planted");
					},
				},
			},
			undefined,
		],
		["mount-timeout", { open: { mount: () => new Promise<void>(() => {}) } }, undefined],
		["missing", { open: {} }, vi.fn(async () => Promise.reject(new FrontendFailure("missing", { status: 404 })))],
	])("stands a card in its place, and tells: %s", async (kind, widgets, load) => {
		const { show, inside, failed } = made(widgets as Record<string, Partial<Widget>>, load);
		await show();
		const card = inside()?.querySelector<HTMLElement>("[data-testid=widget-failure]");
		expect(card?.dataset["kind"]).toBe(kind);
		expect(card?.textContent).toContain("open did not load");
		expect(card?.querySelector("code")?.textContent).toMatch(/^[0-9a-f]{32}$/);
		expect(failed).toHaveBeenCalledExactlyOnceWith("orders", expect.any(FrontendFailure), expect.any(String));
	});

	test("says so of a widget that the person has not", async () => {
		const { show, inside, load } = made({ open: draws("x") });
		await show("orders/gone");
		expect(inside()?.querySelector<HTMLElement>("section")?.dataset["kind"]).toBe("not-open");
		expect(load).not.toHaveBeenCalled();
	});

	test("what fails leaves the others alone", async () => {
		const { show, inside } = made({ bad: { mount: () => Promise.reject(new Error("planted")) }, open: draws("fine") });
		await Promise.all([show("orders/bad"), show("orders/open")]);
		expect(inside(1)?.querySelector(".place-content")?.textContent).toBe("fine");
	});

	test("succeeds when it is tried again", async () => {
		const load = vi.fn().mockRejectedValueOnce(new FrontendFailure("network"));
		load.mockResolvedValue({ widgets: { open: draws("fine") } });
		const { show, inside } = made({ open: {} }, load);
		await show();
		inside()?.querySelector("button")?.click();
		await vi.waitFor(() => expect(inside()?.querySelector(".place-content")?.textContent).toBe("fine"));
		expect(load).toHaveBeenCalledTimes(2);
	});

	test("loads the page anew when only that can help", async () => {
		const { show, inside, needsNewPage, reloadPage } = made({ open: {} });
		await show();
		needsNewPage.mockReturnValue(true);
		inside()?.querySelector("button")?.click();
		expect(reloadPage).toHaveBeenCalledOnce();
	});

	test("tells a widget of another language, and mounts anew one that cannot be told", async () => {
		const update = vi.fn();
		const told = { ...draws("told"), update };
		const untold = draws("untold");
		const { show, preferences } = made({ told, untold });
		await Promise.all([show("orders/told"), show("orders/untold")]);
		preferences.adoptLocale("fr");
		expect(update.mock.calls[0]?.[1].locale).toBe("fr");
		expect(told.mount).toHaveBeenCalledOnce();
		await vi.waitFor(() => expect(untold.mount).toHaveBeenCalledTimes(2));
	});

	test("says in the box that its code failed later, and starts it again", async () => {
		const open = draws("x");
		const { show, places, inside } = made({ open });
		await show();
		expect(places.reportLate("stock", new Error("planted"))).toBe(false);
		expect(places.reportLate("orders", new Error("planted"))).toBe(true);
		expect(places.reportLate("orders", new Error("planted"))).toBe(true);
		expect(inside()?.querySelectorAll("[data-testid=widget-late]")).toHaveLength(1);
		inside()?.querySelector("button")?.click();
		await vi.waitFor(() => expect(open.mount).toHaveBeenCalledTimes(2));
		expect(inside()?.querySelector("[data-testid=widget-late]")).toBeNull();
	});

	test("an error of update or unmount stays in the box", async () => {
		const planted = async () => Promise.reject(new Error("planted"));
		const { show, preferences, inside, leaving } = made({ open: { ...draws("x"), update: planted, unmount: planted } });
		await show();
		preferences.adoptTheme("dark");
		await vi.waitFor(() => expect(inside()?.querySelector("[data-testid=widget-late]")).not.toBeNull());
		leaving.abort();
	});

	test("what mounts after it was given up is unmounted", async () => {
		const unmount = vi.fn();
		let finish = () => {};
		const mount = () =>
			new Promise<void>((resolve) => {
				finish = resolve;
			});
		const { show } = made({ open: { mount, unmount } });
		await show();
		finish();
		await vi.waitFor(() => expect(unmount).toHaveBeenCalledOnce());
	});
});
