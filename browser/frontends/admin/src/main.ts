/** The administration: what operators look at and change while the hub runs. */

import { defineFrontend, type FrontendProps } from "@mainhub/sdk";
import type { HubAdmin } from "./page.js";
import "./page.js";

let page: HubAdmin | null = null;

export const { bootstrap, mount, update, unmount } = defineFrontend({
	mount(root: HTMLElement, props: FrontendProps) {
		// By its tag, not by its class: a module that is evaluated again finds its elements defined.
		page = Object.assign(document.createElement("hub-admin") as HubAdmin, { props });
		root.append(page);
	},
	update(props: FrontendProps) {
		if (page !== null) {
			page.props = props;
		}
	},
	unmount() {
		page = null;
	},
});
