import { expect, test, vi } from "vitest";
import { Mailbox } from "./mailbox.js";

const open = () => new AbortController();

function made() {
	const fault = vi.fn();
	return { box: new Mailbox((app) => app !== "nobody", fault), fault };
}

test("delivers at once to a front-end that listens", async () => {
	const { box } = made();
	const handler = vi.fn();
	box.listen("orders", handler, open().signal);
	expect(box.send("orders", { id: 7 }, "stock")).toBe(true);
	expect(handler).toHaveBeenCalledExactlyOnceWith({ id: 7 }, "stock");
});

test("keeps the last 20 for one that does not listen yet, and hands them over in order", async () => {
	const { box } = made();
	const heard: unknown[] = [];
	for (let index = 0; index < 25; index++) {
		expect(box.send("orders", index, "stock")).toBe(false);
	}
	box.listen("orders", (message) => heard.push(message), open().signal);
	expect(box.send("orders", "new", "stock")).toBe(true);
	await Promise.resolve();
	expect(heard).toEqual([...Array.from({ length: 20 }, (_, index) => index + 5), "new"]);
});

test("hands over what was kept without another message", async () => {
	const { box } = made();
	const handler = vi.fn();
	box.send("orders", "kept", "stock");
	box.listen("orders", handler, open().signal);
	expect(handler).not.toHaveBeenCalled();
	await Promise.resolve();
	expect(handler).toHaveBeenCalledExactlyOnceWith("kept", "stock");
});

test("keeps again for a front-end that has left", () => {
	const { box } = made();
	const leaving = open();
	const end = box.listen("orders", vi.fn(), leaving.signal);
	box.listen("orders", vi.fn(), open().signal)();
	leaving.abort();
	end();
	expect(box.send("orders", 1, "stock")).toBe(false);
});

test("keeps nothing for what the person has not", () => {
	const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
	const { box } = made();
	const handler = vi.fn();
	expect(box.send("nobody", 1, "stock")).toBe(false);
	expect(warn).toHaveBeenCalledOnce();
	box.listen("nobody", handler, open().signal);
	expect(handler).not.toHaveBeenCalled();
});

test("a handler that throws stops no other", () => {
	const { box, fault } = made();
	const handler = vi.fn();
	box.listen(
		"orders",
		() => {
			throw new Error("planted");
		},
		open().signal,
	);
	box.listen("orders", handler, open().signal);
	expect(box.send("orders", 1, "stock")).toBe(true);
	expect(handler).toHaveBeenCalledOnce();
	expect(fault).toHaveBeenCalledExactlyOnceWith("orders", expect.any(Error));
});
