import { expect, test } from "vitest";
import { FrontendList } from "./frontends.js";
import { sideNavigation } from "./nav.js";
import { Preferences } from "./preferences.js";
import { frontend } from "./testing.js";

const orders = frontend("orders");
const stock = frontend("stock");

function made(entries = [orders, stock]) {
	const frontends = new FrontendList(entries);
	const preferences = new Preferences({ locale: "en", theme: "system" });
	const nav = sideNavigation(frontends, preferences);
	document.body.replaceChildren(nav.element);
	const links = () => [...nav.element.querySelectorAll("a")];
	return { ...nav, frontends, preferences, links, names: () => links().map((link) => link.textContent) };
}

test("follows the list as it changes, and keeps its marks and the focus", () => {
	const { frontends, mark, state, links, names } = made();
	mark(stock);
	state(stock, "failed");
	links()[1]?.focus();
	frontends.replace([{ ...stock, titles: { fr: "Réserve", en: "Store" } }, frontend("new"), orders]);
	expect(names()).toEqual(["Store", "new", "orders"]);
	expect(links()[0]?.getAttribute("aria-current")).toBe("page");
	expect(links()[0]?.querySelector(".ring-failed")).not.toBeNull();
	expect(document.activeElement).toBe(links()[0]);
});

test("takes a mark away with its reason", () => {
	const { mark, state, element } = made();
	state(orders, "failed");
	state(orders, "mounted");
	mark(orders);
	mark(null);
	expect(element.querySelector(".ring, [aria-current]")).toBeNull();
});

test("speaks the language that is chosen, and says when there is nothing", () => {
	const { frontends, preferences, names, element } = made();
	preferences.adoptLocale("fr");
	expect(names()).toEqual(["orders (fr)", "stock (fr)"]);
	frontends.replace([]);
	expect(element.textContent).toBe("Aucune application ne vous est encore ouverte.");
});
