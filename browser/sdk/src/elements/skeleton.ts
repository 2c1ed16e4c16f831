import { css, html, LitElement } from "lit";
import { defineElement } from "./registry.js";

/**
 * `<hub-skeleton rows="5">`: the shape of the lines that will stand here. It shows only after
 * 120 ms, so that what is fast never flashes.
 */
export class HubSkeleton extends LitElement {
	static override properties = { rows: { type: Number } };

	static override styles = css`
		:host { display: block; opacity: 0; animation: appear 1ms linear var(--m-wait, 120ms) forwards }
		div { display: flex; align-items: center; gap: 1.25rem; block-size: var(--row, 2.75rem) }
		span {
			block-size: .6875rem; border-radius: .25rem; background: var(--line-strong); opacity: .7;
			animation: breath 1.8s ease-in-out infinite alternate;
		}
		span:nth-child(1) { inline-size: 3.25rem }
		span:nth-child(2) { flex: 0 1 12rem }
		span:nth-child(3) { inline-size: 4rem; block-size: 1.1875rem; margin-inline-start: auto }
		span:nth-child(4) { inline-size: 3rem }
		div:nth-child(even) span:nth-child(2) { flex-basis: 8.5rem }
		@keyframes appear { to { opacity: 1 } }
		@keyframes breath { to { opacity: .35 } }
		@media (prefers-reduced-motion: reduce) { span { animation: none } }
	`;

	declare rows: number;

	constructor() {
		super();
		this.rows = 4;
	}

	override render() {
		const row = html`<div aria-hidden="true"><span></span><span></span><span></span><span></span></div>`;
		return Array.from({ length: this.rows }, () => row);
	}
}

defineElement("hub-skeleton", HubSkeleton);
