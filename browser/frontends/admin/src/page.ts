import { defineElement, type FrontendProps, surface } from "@mainhub/sdk";
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { WORDS, type Words } from "./words.js";
import "./access/section.js";
import "./audit/section.js";
import "./cache/section.js";
import "./configuration/section.js";
import "./events/section.js";
import "./frontends/section.js";
import "./health/section.js";
import "./resilience/section.js";
import "./sessions/section.js";

export const SECTIONS = [
	"frontends",
	"sessions",
	"access",
	"health",
	"resilience",
	"cache",
	"events",
	"audit",
	"configuration",
] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Returns the section that *path* names below *base*, the first one for the base itself, else `null`. */
export function sectionOf(path: string, base: string): SectionName | null {
	const rest = path.slice(base.length).replace(/^\/|\/$/g, "");
	return rest === "" ? SECTIONS[0] : (SECTIONS.find((name) => name === rest) ?? null);
}

/** `<hub-admin>`: the sections' tabs and the one that the address names. */
export class HubAdmin extends LitElement {
	static override properties = { props: { attribute: false }, section: { state: true } };

	static override styles = [
		surface,
		css`
			h1 { margin-block-end: var(--s3) }
			nav { border-block-end: 1px solid var(--line); margin-block-end: var(--s4); overflow-x: auto; scrollbar-width: thin }
			nav ul { display: flex; gap: var(--s1); min-inline-size: max-content }
			nav a {
				display: flex; align-items: center; min-block-size: 2.75rem; padding: 0 var(--s3); color: var(--ink-2); text-decoration: none;
				border-block-end: 2px solid transparent; white-space: nowrap;
			}
			nav a:hover { color: var(--ink); background: var(--hover) }
			nav a:focus-visible { box-shadow: inset 0 0 0 2px var(--accent) }
			nav a[aria-current] { color: var(--accent-ink); font-weight: var(--w-strong); border-color: var(--accent) }
			.unknown { color: var(--ink-2) }
		`,
	];

	declare props: FrontendProps;
	declare section: SectionName | null;
	constructor() {
		super();
		this.section = null;
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
		const { words } = this;
		const { basePath } = this.props;
		return html`<h1>${words.title}</h1>
			<nav aria-label=${words.navigation} data-testid="admin-nav">
				<ul>
					${SECTIONS.map(
						(name) => html`<li>
							<a href=${`${basePath}/${name}`} aria-current=${this.section === name ? "page" : nothing}>${words.sections[name]}</a>
						</li>`,
					)}
				</ul>
			</nav>
			${this.section === null ? html`<p class="unknown">${words.unknown}</p>` : this.#drawn(this.section)}`;
	}

	protected override updated(changed: PropertyValues): void {
		if (changed.has("props") || changed.has("section")) {
			this.#entitle();
		}
		// After the layout, of which fonts are a part.
		requestAnimationFrame(() => {
			this.renderRoot.querySelector("nav a[aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "center" });
		});
	}

	private get words(): Words {
		return WORDS[this.props.locale];
	}

	#drawn(section: SectionName): TemplateResult {
		const { props } = this;
		switch (section) {
			case "frontends":
				return html`<admin-frontends .props=${props}></admin-frontends>`;
			case "sessions":
				return html`<admin-sessions .props=${props}></admin-sessions>`;
			case "access":
				return html`<admin-access .props=${props}></admin-access>`;
			case "health":
				return html`<admin-health .props=${props}></admin-health>`;
			case "resilience":
				return html`<admin-resilience .props=${props}></admin-resilience>`;
			case "cache":
				return html`<admin-cache .props=${props}></admin-cache>`;
			case "events":
				return html`<admin-events .props=${props}></admin-events>`;
			case "audit":
				return html`<admin-audit .props=${props}></admin-audit>`;
			case "configuration":
				return html`<admin-configuration .props=${props}></admin-configuration>`;
		}
	}

	readonly #arrive = (): void => {
		this.section = sectionOf(window.location.pathname, this.props.basePath);
	};

	/** Again with all that is new: the shell entitles the page by the front-end alone then. */
	#entitle(): void {
		const name = this.section === null ? "" : ` · ${this.words.sections[this.section]}`;
		this.props.setTitle(`${this.words.title}${name}`);
	}
}

defineElement("hub-admin", HubAdmin);
