import { beforeEach, expect, test, vi } from "vitest";
import { FrontendList } from "../frontends.js";
import { frontend } from "../testing.js";
import { RegistryWatch } from "./registry.js";

const home = { ...frontend("home", ["/"]), order: 1 };
const orders = frontend("orders");

function made(answer: unknown) {
	const frontends = new FrontendList([home, orders]);
	const changed = vi.fn();
	frontends.watch(changed);
	const needsReload = vi.fn();
	const api = vi.fn(async (): Promise<unknown> => answer);
	const watch = new RegistryWatch({ api, frontends, origin: "https://hub.example", needsReload });
	const names = () => frontends.entries.map(({ name }) => name);
	return { watch, frontends, changed, needsReload, api, names };
}

beforeEach(() => {
	vi.spyOn(console, "warn").mockImplementation(() => {});
});

test("leaves the page alone when nothing has changed", async () => {
	const { watch, changed, needsReload, api } = made({ items: [orders, home] });
	await watch.refresh();
	expect(api).toHaveBeenCalledExactlyOnceWith("/hub/v1/frontends", { background: true });
	expect(changed).not.toHaveBeenCalled();
	expect(needsReload).not.toHaveBeenCalled();
});

test.each([
	["added", [home, orders, frontend("stock")], ["home", "orders", "stock"]],
	["removed", [home], ["home"]],
	["reordered", [{ ...home, order: 99 }, orders], ["orders", "home"]],
	["renamed", [home, { ...orders, titles: { fr: "Ventes", en: "Sales" } }], ["home", "orders"]],
	["added without a file", [home, orders, { ...frontend("stock"), url: null }], ["home", "orders", "stock"]],
])("takes over at once what was %s", async (_, items, expected) => {
	const { watch, changed, needsReload, names } = made({ items });
	await watch.refresh();
	expect(names()).toEqual(expected);
	expect(changed).toHaveBeenCalledOnce();
	expect(needsReload).not.toHaveBeenCalled();
});

test("asks for a reload when another version was published, and keeps the one that runs", async () => {
	const newer = { ...orders, url: "/static/orders-2.js", titles: { fr: "Ventes", en: "Sales" } };
	const { watch, needsReload, frontends } = made({ items: [home, newer] });
	await watch.refresh();
	expect(needsReload).toHaveBeenCalledOnce();
	expect(frontends.named("orders")).toMatchObject({ url: orders.url, titles: newer.titles });
});

test("asks for a reload for a module from where this page's policy does not reach", async () => {
	const foreign = { ...frontend("stock"), url: "https://stock.example/main.js" };
	const { watch, needsReload, names } = made({ items: [home, orders, foreign] });
	await watch.refresh();
	expect(needsReload).toHaveBeenCalledOnce();
	expect(names()).toEqual(["home", "orders"]);
});

test("keeps the list when the hub does not give one", async () => {
	const { watch, names, api } = made({ items: "x" });
	await watch.refresh();
	api.mockRejectedValueOnce(new Error("away"));
	await watch.refresh();
	expect(names()).toEqual(["home", "orders"]);
});

test("asks once more, not once each, for what is said while it asks", async () => {
	const { watch, api } = made({ items: [home] });
	await Promise.all([watch.refresh(), watch.refresh(), watch.refresh()]);
	expect(api).toHaveBeenCalledTimes(2);
});
