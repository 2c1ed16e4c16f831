import { css, html, LitElement } from "lit";
import { iconPath } from "../icons.js";
import { defineElement } from "./registry.js";

/** `<hub-icon name="home">`: a drawing beside a word, hence silent to screen readers. */
export class HubIcon extends LitElement {
	static override properties = { name: { type: String } };

	static override styles = css`
		:host { display: inline-block; inline-size: 1.25rem; block-size: 1.25rem; flex: none }
		:host([small]) { inline-size: 1rem; block-size: 1rem }
		svg {
			display: block; inline-size: 100%; block-size: 100%; fill: none; stroke: currentColor;
			stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round;
		}
	`;

	declare name: string;

	constructor() {
		super();
		this.name = "apps";
	}

	override render() {
		return html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d=${iconPath(this.name)}></path></svg>`;
	}
}

defineElement("hub-icon", HubIcon);
