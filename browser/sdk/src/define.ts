import type { Frontend, Lifecycles, Widget } from "./contract.js";

/**
 * Makes of `mount`, `update` and `unmount` the lifecycles that a front-end's module exports:
 *
 *     export const { bootstrap, mount, update, unmount } = defineFrontend({ mount(root, props) { … } });
 */
export function defineFrontend(frontend: Frontend): Lifecycles {
	return {
		bootstrap: async () => {},
		mount: async (props) => frontend.mount(props.domElement, props),
		update: async (props) => frontend.update?.(props),
		unmount: async (props) => {
			await frontend.unmount?.(props.domElement);
			props.domElement.replaceChildren();
		},
	};
}

/**
 * Names the cards that a front-end's module exports, by the names they are registered with:
 *
 *     export const widgets = defineWidgets({ "my-sessions": { mount(root, props) { … } } });
 */
export function defineWidgets<Name extends string>(
	widgets: Readonly<Record<Name, Widget>>,
): Readonly<Record<Name, Widget>> {
	return Object.freeze({ ...widgets });
}
