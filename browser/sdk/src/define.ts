import type { Frontend, Lifecycles } from "./contract.js";

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
