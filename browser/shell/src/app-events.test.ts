import { beforeEach, expect, test, vi } from "vitest";
import { AppEvents } from "./app-events.js";
import type { Slot, SlotState } from "./slot.js";
import { frontend } from "./testing.js";

const emit = vi.fn(async () => {});
const slot = (state: SlotState) => ({ frontend: frontend("orders"), state }) as Slot;

function made() {
	return new AppEvents({ emit } as unknown as ConstructorParameters<typeof AppEvents>[0]);
}

beforeEach(() => {
	emit.mockClear();
});

test("says how long a person waited, once for each visit, and when it was over", () => {
	const now = vi.spyOn(performance, "now").mockReturnValue(0);
	const events = made();
	for (const [at, state] of [
		[0, "loading"],
		[100, "mounting"],
		[250, "mounted"],
		[300, "mounted"],
		[400, "unmounting"],
		[410, "idle"],
	] as const) {
		now.mockReturnValue(at);
		events.changed(slot(state));
	}
	expect(emit.mock.calls).toEqual([
		["app:loaded", { app: "orders", took_ms: 250 }],
		["app:unloaded", { app: "orders" }],
	]);
});

test("says what failed, in few words", () => {
	made().failed("orders", "mount", new TypeError("x".repeat(400)), "trace-1");
	const message = `TypeError: ${"x".repeat(400)}`.slice(0, 300);
	expect(emit.mock.calls).toEqual([["app:error", { app: "orders", step: "mount", message, trace_id: "trace-1" }]]);
});

test("that nobody took the report troubles nobody", async () => {
	emit.mockRejectedValueOnce(new Error("refused"));
	made().failed("orders", "later", "text", "trace-1");
	await Promise.resolve();
	expect(emit).toHaveBeenCalledOnce();
});
