import { defineElement, type FrontendProps, surface } from "@mainhub/sdk";
import { css, html, LitElement, type PropertyValues } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import "./page.js";
import "./sessions-card.js";

/** Below the front-end's own address: where a person sees and ends their sessions. */
const SESSIONS = "/my-sessions";

/** `<hub-widgets>`: the gallery, or the person's own sessions, as the address says. */
export class HubWidgets extends LitElement {
	static override properties = { props: { attribute: false }, isSessions: { state: true } };

	static override styles = [
		surface,
		css`
			header { margin-block-end: var(--s4) }
			header p { color: var(--ink-2); margin-block-start: .125rem; max-inline-size: var(--measure) }
			my-sessions { max-inline-size: 52rem }
		`,
	];

	declare props: FrontendProps;
	declare isSessions: boolean;

	constructor() {
		super();
		this.isSessions = false;
	}

	override connectedCallback(): void {
		super.connectedCallback();
		// single-spa announces pushState and replaceState as popstate, too; of such listeners it knows no signal.
		window.addEventListener("popstate", this.#arrive);
		this.#arrive();
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		window.removeEventListener("popstate", this.#arrive);
	}

	override render() {
		const { props, words } = this;
		return this.isSessions
			? html`<header><h1>${words.sessions}</h1><p>${words.sessionsIntro}</p></header><my-sessions .props=${props}></my-sessions>`
			: html`<hub-gallery .props=${props}></hub-gallery>`;
	}

	/** Again with all that is new: the shell entitles the page by the front-end alone then. */
	protected override updated(changed: PropertyValues): void {
		if (changed.has("props") || changed.has("isSessions")) {
			this.props.setTitle(this.isSessions ? this.words.sessions : this.words.title);
		}
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	readonly #arrive = (): void => {
		this.isSessions = window.location.pathname === `${this.props.basePath}${SESSIONS}`;
	};
}

defineElement("hub-widgets", HubWidgets);
