/** The dashboard: the cards that a person has placed, and three cards of its own. */

import { defineFrontend, defineWidgets, type FrontendProps, type Widget, type WidgetProps } from "@mainhub/sdk";
import type { Arrangement } from "./board.js";
import type { HubDashboard } from "./page.js";
import "./applications-card.js";
import "./orders-card.js";
import "./page.js";
import "./person-card.js";

let page: HubDashboard | null = null;
/** What could not be saved when the person left the page, and whose it is. */
let left: { readonly person: string; readonly cards: Arrangement } | null = null;

export const { bootstrap, mount, update, unmount } = defineFrontend({
	mount(root: HTMLElement, props: FrontendProps) {
		const mine = left?.person === props.user.id ? left.cards : null;
		// By its tag, not by its class: a module that is evaluated again finds its elements defined.
		page = Object.assign(document.createElement("hub-dashboard") as HubDashboard, { props, left: mine });
		root.append(page);
	},
	update(props: FrontendProps) {
		if (page !== null) {
			page.props = props;
		}
	},
	unmount() {
		const unsaved = page?.unsaved ?? null;
		left = page === null || unsaved === null ? null : { person: page.props.user.id, cards: unsaved };
		page = null;
	},
});

export const widgets = defineWidgets({
	orders: card("orders-card"),
	applications: card("applications-card"),
	person: card("person-card"),
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
