import { defineElement, type FrontendProps, formatDay, surface } from "@mainhub/sdk";
import { css, html, LitElement } from "lit";
import { en } from "./en.js";
import { fr } from "./fr.js";
import "./applications-card.js";
import "./orders-card.js";
import "./person-card.js";

/** `<hub-dashboard>`: the person's own first page. */
export class HubDashboard extends LitElement {
	static override properties = { props: { attribute: false } };

	static override styles = [
		surface,
		css`
			:host { container-type: inline-size }
			header { margin-block-end: var(--s5) }
			header p { color: var(--ink-2); margin-block-start: .125rem }
			.cards { display: grid; grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); gap: var(--s4); align-items: start }
			.side { display: grid; gap: var(--s4) }
			@container (max-width: 52rem) { .cards { grid-template-columns: minmax(0, 1fr) } }
			@container (max-width: 36rem) { header { margin-block-end: var(--s4) } .cards, .side { gap: var(--s3) } }
		`,
	];

	declare props: FrontendProps;

	override render() {
		const { props } = this;
		const words = props.locale === "fr" ? fr : en;
		const firstName = props.user.name.split(" ")[0] ?? props.user.name;
		return html`
			<header>
				<h1>${words.greeting(firstName)}</h1>
				<p>${formatDay(new Date(), props.locale)}</p>
			</header>
			<div class="cards">
				<orders-card .props=${props}></orders-card>
				<div class="side">
					<applications-card .props=${props}></applications-card>
					<person-card .props=${props}></person-card>
				</div>
			</div>
		`;
	}
}

defineElement("hub-dashboard", HubDashboard);
