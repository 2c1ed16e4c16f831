import { type Application, defineElement, grantedRoles, surface, type WidgetProps } from "@mainhub/sdk";
import { css, html, LitElement, svg, type TemplateResult } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";

/** `<applications-card>`: the other front-ends that are open to the person. */
export class ApplicationsCard extends LitElement {
	static override properties = { props: { attribute: false } };

	static override styles = [
		surface,
		css`
			:host, hub-card { block-size: 100% }
			li + li { border-block-start: 1px solid var(--line) }
			a {
				display: flex; align-items: center; gap: var(--s3); min-block-size: 3rem; padding: .375rem var(--s1);
				border-radius: var(--r-s); color: inherit; text-decoration: none;
			}
			a:hover { background: var(--hover) }
			.tile {
				display: inline-grid; place-items: center; inline-size: 2.25rem; block-size: 2.25rem; flex: none; border-radius: var(--r-m);
				background: var(--accent-soft); color: var(--accent-ink);
			}
			.name { flex: 1; min-inline-size: 0; overflow-wrap: anywhere }
			.empty { display: flex; gap: var(--s4); align-items: center; padding: var(--s1) 0 var(--s2) }
			.empty svg {
				inline-size: 3.5rem; block-size: 3.5rem; flex: none; color: var(--accent); fill: none; stroke: currentColor;
				stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round;
			}
			.empty .quiet { opacity: .4 }
			.empty p { color: var(--ink-2); font: var(--t-dense); margin-block-start: .125rem }
		`,
	];

	declare props: WidgetProps;

	override render() {
		const { words } = this;
		const { frontends, name, user } = this.props;
		const others = frontends.filter((frontend) => frontend.name !== name);
		const given = grantedRoles(user).join(", ");
		const roles = given === "" ? words.withoutRole : words.applicationsFor(given);
		return html`<hub-card
			data-testid="applications-card"
			heading=${words.applications}
			state="fine"
			source=${words.applicationsSource}
			when=${roles}
		>
			${others.length === 0 ? this.#empty() : html`<ul>${others.map((one) => this.#line(one))}</ul>`}
		</hub-card>`;
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#line(application: Application): TemplateResult {
		return html`<li>
			<a href=${application.path}>
				<span class="tile"><hub-icon name=${application.icon}></hub-icon></span>
				<span class="name">${application.titles[this.props.locale]}</span>
				<hub-icon small name="right"></hub-icon>
			</a>
		</li>`;
	}

	#empty(): TemplateResult {
		const { words } = this;
		return html`<div class="empty">
			${svg`<svg viewBox="0 0 56 56" aria-hidden="true">
				<path class="quiet" d="M10 8h10a4 4 0 0 1 4 4v10a4 4 0 0 1-4 4H10a4 4 0 0 1-4-4V12a4 4 0 0 1 4-4zM36 8h10a4 4 0 0 1 4 4v10a4 4 0 0 1-4 4H36a4 4 0 0 1-4-4V12a4 4 0 0 1 4-4zM10 34h10a4 4 0 0 1 4 4v10a4 4 0 0 1-4 4H10a4 4 0 0 1-4-4V38a4 4 0 0 1 4-4z"></path>
				<path d="M41 34v18M32 43h18"></path>
			</svg>`}
			<div><h3>${words.applicationsEmpty}</h3><p>${words.applicationsEmptyText}</p></div>
		</div>`;
	}
}

defineElement("applications-card", ApplicationsCard);
