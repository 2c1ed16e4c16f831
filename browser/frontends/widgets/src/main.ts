/** The gallery of all cards, three cards of its own, and a page for one of them. */

import { defineFrontend, defineWidgets, type FrontendProps, type Widget, type WidgetProps } from "@mainhub/sdk";
import type { HubWidgets } from "./places.js";
import "./events-card.js";
import "./health-card.js";
import "./places.js";
import "./sessions-card.js";

let page: HubWidgets | null = null;

export const { bootstrap, mount, update, unmount } = defineFrontend({
	mount(root: HTMLElement, props: FrontendProps) {
		// By its tag, not by its class: a module that is evaluated again finds its elements defined.
		page = Object.assign(document.createElement("hub-widgets") as HubWidgets, { props });
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

export const widgets = defineWidgets({
	"my-sessions": card("my-sessions"),
	"service-health": card("service-health"),
	"recent-events": card("recent-events"),
});

/** Makes a widget of an element that takes `props`. */
function card(tag: string): Widget {
	return {
		mount(root: HTMLElement, props: WidgetProps) {
			root.append(Object.assign(document.createElement(tag), { props }));
		},
		update(root: HTMLElement, props: WidgetProps) {
			const drawn = root.querySelector(tag);
			if (drawn !== null) {
				Object.assign(drawn, { props });
			}
		},
	};
}
