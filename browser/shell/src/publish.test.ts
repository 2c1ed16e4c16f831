import type { HubEvent } from "@mainhub/sdk/core";
import { expect, test, vi } from "vitest";
import { publisher } from "./publish.js";

function event(type: string, at = 0): HubEvent {
	return { id: null, type, timestamp: new Date(at), source: "orders", data: { id: 7 }, by: null };
}

test("sends what happened, from whom, and from which page", async () => {
	const api = vi.fn(async () => null);
	await publisher(api, "tab-1")(event("orders:changed"), ["Editor"]);
	expect(api).toHaveBeenCalledExactlyOnceWith("/hub/v1/events", {
		method: "POST",
		body: { type: "orders:changed", data: { id: 7 }, source: "orders", tab: "tab-1", roles: ["Editor"] },
		background: false,
	});
});

test.each(["app:loaded", "app:unloaded", "network:status"])("keeps %s within the page", async (type) => {
	const api = vi.fn();
	await publisher(api, "tab-1")(event(type), undefined);
	expect(api).not.toHaveBeenCalled();
});

test("reports at most ten errors a minute, without asking anybody to sign in", async () => {
	const api = vi.fn(async () => null);
	const publish = publisher(api, "tab-1");
	for (let second = 0; second < 120; second++) {
		await publish(event("app:error", second * 1000), undefined);
	}
	expect(api).toHaveBeenCalledTimes(20);
	expect(api).toHaveBeenCalledWith("/hub/v1/events", expect.objectContaining({ background: true }));
});
