import { beforeEach, expect, test, vi } from "vitest";
import { signInAgain } from "./again.js";

const LOGIN = "/auth/login?return_to=%2Forders%3Fpage%3D2";

function world() {
	const loadPage = vi.fn();
	const giveUp = vi.fn();
	return { signIn: signInAgain({ window, loadPage, giveUp }), loadPage, giveUp };
}

beforeEach(() => {
	sessionStorage.clear();
	window.location.href = "https://hub.example/orders?page=2";
});

test("signs in again once, keeping the address", () => {
	const { signIn, loadPage } = world();
	signIn();
	signIn();
	expect(loadPage.mock.calls).toEqual([[LOGIN]]);
});

test("gives up where signing in goes in a circle, and tries again later", () => {
	vi.useFakeTimers();
	try {
		world().signIn();
		const { signIn, loadPage, giveUp } = world();
		signIn();
		signIn();
		expect(giveUp).toHaveBeenCalledTimes(2);
		expect(loadPage).not.toHaveBeenCalled();
		vi.advanceTimersByTime(16_000);
		signIn();
		expect(loadPage.mock.calls).toEqual([[LOGIN]]);
	} finally {
		vi.useRealTimers();
	}
});

test("signs in again after the browser has brought the page back", () => {
	const { signIn, loadPage, giveUp } = world();
	signIn();
	window.dispatchEvent(new Event("pageshow"));
	sessionStorage.clear();
	signIn();
	expect(loadPage).toHaveBeenCalledTimes(2);
	expect(giveUp).not.toHaveBeenCalled();
});
