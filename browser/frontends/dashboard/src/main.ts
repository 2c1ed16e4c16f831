/** The dashboard: my applications, who I am, my orders. */

import { defineFrontend, type FrontendProps } from "@mainhub/sdk";
import type { HubDashboard } from "./page.js";
import "./page.js";

let page: HubDashboard | null = null;

export const { bootstrap, mount, update, unmount } = defineFrontend({
	mount(root: HTMLElement, props: FrontendProps) {
		// By its tag, not by its class: a module that is evaluated again finds its elements defined.
		page = Object.assign(document.createElement("hub-dashboard") as HubDashboard, { props });
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
