import { expect, test, vi } from "vitest";
import type { FrontendProps } from "./contract.js";
import { defineFrontend, defineWidgets } from "./define.js";

test("a front-end is given its element, and leaves it empty", async () => {
	const mount = vi.fn((root: HTMLElement) => root.append("x"));
	const props = { domElement: document.createElement("div") } as unknown as FrontendProps;
	const lifecycles = defineFrontend({ mount });
	await lifecycles.mount(props);
	await lifecycles.update(props);
	expect(mount).toHaveBeenCalledExactlyOnceWith(props.domElement, props);
	await lifecycles.unmount(props);
	expect(props.domElement.textContent).toBe("");
});

test("widgets keep their names, and nobody changes them afterwards", () => {
	const widgets = defineWidgets({ "my-sessions": { mount: () => {} } });
	expect(Object.keys(widgets)).toEqual(["my-sessions"]);
	expect(Object.isFrozen(widgets)).toBe(true);
});
