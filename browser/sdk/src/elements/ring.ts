import { css, html, LitElement, nothing } from "lit";
import { RINGS, type RingState } from "../icons.js";
import { defineElement } from "./registry.js";

/** `<hub-ring state="stale" label="Not up to date">`: without a label it is silent. */
export class HubRing extends LitElement {
	static override properties = { state: { type: String, reflect: true }, label: { type: String } };

	static override styles = css`
		:host { display: inline-block; inline-size: 1rem; block-size: 1rem; flex: none; color: var(--idle-mark) }
		:host([state="fine"]) { color: var(--ok-mark) }
		:host([state="stale"]), :host([state="degraded"]) { color: var(--warn-mark) }
		:host([state="failed"]) { color: var(--bad-mark) }
		:host([state="loading"]) { color: var(--accent) }
		svg {
			display: block; inline-size: 100%; block-size: 100%; fill: none; stroke: currentColor;
			stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round;
		}
		.area { fill: currentColor; stroke: none }
		.dashes { stroke-dasharray: 1.9 2.42 }
		:host([state="loading"]) svg { animation: turn 1s linear infinite }
		@keyframes turn { to { transform: rotate(1turn) } }
		@media (prefers-reduced-motion: reduce) { :host([state="loading"]) svg { animation: none } }
	`;

	declare state: RingState;
	declare label: string;

	constructor() {
		super();
		this.state = "none";
		this.label = "";
	}

	override render() {
		const ring = RINGS[this.state] ?? RINGS.none;
		return html`<svg
			viewBox="0 0 16 16"
			role=${this.label === "" ? nothing : "img"}
			aria-label=${this.label === "" ? nothing : this.label}
			aria-hidden=${this.label === "" ? "true" : nothing}
		>
			<path d=${ring.line}></path>
			<path class="area" d=${ring.area ?? ""}></path>
			<path class="dashes" d=${ring.dashes ?? ""}></path>
		</svg>`;
	}
}

defineElement("hub-ring", HubRing);
