import { expect, test, vi } from "vitest";
import { hearPopups, openPopup, type Said, wayIn } from "./popup.js";

const AT = new URL("https://hub.example/orders?page=2#late") as unknown as Location;

test("leads back to the page, in a popup of the tab or here", () => {
	const inPopup = new URLSearchParams(wayIn("/auth/stepup?claims=e30&scopes=a+b", AT, "tab-12345").split("?")[1]);
	expect(Object.fromEntries(inPopup)).toEqual({
		claims: "e30",
		scopes: "a b",
		return_to: "/orders?page=2#late",
		popup: "1",
		tab: "tab-12345",
	});
	expect(wayIn("/auth/login", AT)).toBe("/auth/login?return_to=%2Forders%3Fpage%3D2%23late");
	expect(wayIn("/auth/stepup?popup=1&tab=x&return_to=%2Felse", AT)).toBe(
		"/auth/stepup?return_to=%2Forders%3Fpage%3D2%23late",
	);
});

test("says whether the browser let the popup open", () => {
	const focus = vi.fn();
	const open = vi.fn(() => ({ focus }) as unknown as Window);
	const page = { open, screenX: 0, screenY: 0, outerWidth: 1280, outerHeight: 900 } as unknown as Window;
	expect(openPopup(page, "/auth/login", "tab-12345")).toBe(true);
	expect(open).toHaveBeenCalledWith("/auth/login", "mainhub-signin-tab-12345", expect.stringContaining("popup,"));
	expect(focus).toHaveBeenCalledOnce();
	expect(openPopup({ ...page, open: () => null } as unknown as Window, "/auth/login", "t")).toBe(false);
});

test("hears popups, knows its own, and nothing else", async () => {
	const heard: [Said, boolean][] = [];
	const end = hearPopups("mine-1234", (said, isOwn) => heard.push([said, isOwn]));
	const popup = new BroadcastChannel("mainhub-signin");
	popup.postMessage("what");
	popup.postMessage({ type: "mainhub:else", state: "mine-1234" });
	popup.postMessage({ type: "mainhub:signin-failed", state: "mine-1234" });
	popup.postMessage({ type: "mainhub:signed-in", state: "other-123" });
	await vi.waitFor(() =>
		expect(heard).toEqual([
			["failed", true],
			["signed-in", false],
		]),
	);
	end();
	popup.close();
});
