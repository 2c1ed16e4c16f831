import type { FrontendProps } from "@mainhub/sdk/core";
import { expect, test, vi } from "vitest";
import { readLifecycles } from "./lifecycles.js";

const PROPS = {} as FrontendProps;

test.each([[{ mount: vi.fn() }], [{ default: { mount: vi.fn() } }], [{ mount: [vi.fn(), vi.fn()] }]])(
	"reads %j",
	async (module) => {
		const lifecycles = readLifecycles(module);
		await lifecycles.bootstrap(PROPS);
		await lifecycles.mount(PROPS);
		await lifecycles.unmount(PROPS);
		expect(lifecycles.update).toBeNull();
	},
);

test("takes init for bootstrap", async () => {
	const init = vi.fn();
	await readLifecycles({ init, mount: vi.fn() }).bootstrap(PROPS);
	expect(init).toHaveBeenCalledWith(PROPS);
});

test("makes a rejection of what throws at once", async () => {
	const mount = () => {
		throw new Error("planted");
	};
	await expect(readLifecycles({ mount }).mount(PROPS)).rejects.toThrow("planted");
});

test.each([[null], [{}], [{ mount: 1 }], [{ mount: [] }], [{ default: {} }]])("refuses %j", (module) => {
	expect(() => readLifecycles(module)).toThrow("contract");
});
