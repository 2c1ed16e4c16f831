import { css, html, LitElement, nothing } from "lit";
import type { RingState } from "../icons.js";
import { defineElement } from "./registry.js";
import "./ring.js";

/**
 * `<hub-card heading="Orders" state="fine" source="Orders service" when="14:32">`: a title, what it
 * holds, and a footer that says where that comes from and how fresh it is. Slots: the body,
 * `actions` (beside the title), `provenance` (at the end of the footer, instead of `when`).
 */
export class HubCard extends LitElement {
	static override properties = {
		heading: { type: String },
		state: { type: String, reflect: true },
		source: { type: String },
		when: { type: String },
		flush: { type: Boolean, reflect: true },
	};

	static override styles = css`
		:host { display: block; min-inline-size: 0 }
		section {
			display: flex; flex-direction: column; block-size: 100%; box-sizing: border-box; min-inline-size: 0;
			background: var(--card); border: 1px solid var(--line); border-radius: var(--r-l);
			box-shadow: var(--e1); overflow: hidden; font: var(--t-body); color: var(--ink);
		}
		:host([state="failed"]) section { border-color: var(--bad-line) }
		header {
			display: flex; align-items: center; gap: var(--s2); min-block-size: 2.75rem;
			padding: .375rem var(--s4) 0;
		}
		h2 { margin: 0; font: var(--t-h3); flex: 1 }
		.body { flex: 1; min-block-size: 0; padding: var(--s1) var(--s4) var(--s3) }
		:host([flush]) .body { padding: 0 }
		footer {
			display: flex; align-items: center; gap: .375rem; min-block-size: 2rem;
			padding: .1875rem var(--s4); border-block-start: 1px solid var(--line); font: var(--t-small); color: var(--ink-3);
		}
		footer hub-ring { inline-size: .875rem; block-size: .875rem }
		.source { flex: 1; min-inline-size: 0; overflow-wrap: anywhere }
		.end { flex: none; max-inline-size: 60%; display: flex; align-items: center; gap: var(--s1) }
		:host([state="stale"]) footer { background: var(--warn-soft); border-color: var(--warn-line); color: var(--warn-ink) }
		:host([state="failed"]) footer { background: var(--bad-soft); border-color: var(--bad-line); color: var(--bad-ink) }
		@media (forced-colors: active) { section { border: 1px solid } }
	`;

	declare heading: string;
	declare state: RingState;
	declare source: string;
	declare when: string;
	declare flush: boolean;

	constructor() {
		super();
		this.heading = "";
		this.state = "none";
		this.source = "";
		this.when = "";
		this.flush = false;
	}

	override render() {
		return html`<section aria-labelledby="heading">
			<header><h2 id="heading">${this.heading}</h2><slot name="actions"></slot></header>
			<div class="body"><slot></slot></div>
			<footer>
				<hub-ring state=${this.state}></hub-ring>
				<span class="source">${this.source}</span>
				<span class="end"><slot name="provenance">${this.when === "" ? nothing : this.when}</slot></span>
			</footer>
		</section>`;
	}
}

defineElement("hub-card", HubCard);
