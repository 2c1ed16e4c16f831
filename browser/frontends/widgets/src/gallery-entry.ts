import { type ApiProblem, defineElement, type FrontendProps, surface, type WidgetEntry } from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";

/** `<gallery-entry>`: a card as it looks now, whose it is, and whether it stands on the dashboard. */
export class GalleryEntry extends LitElement {
	static override properties = {
		props: { attribute: false },
		entry: { attribute: false },
		isPlaced: { attribute: false },
		isBusy: { attribute: false },
		problem: { attribute: false },
		toggle: { attribute: false },
	};

	static override styles = [
		surface,
		css`
			:host { block-size: 100% }
			article {
				display: flex; flex-direction: column; block-size: 100%; min-inline-size: 0; background: var(--card);
				border: 1px solid var(--line); border-radius: var(--r-l); box-shadow: var(--e1); overflow: hidden;
			}
			.stage { position: relative; block-size: 15rem; padding: var(--s4) var(--s4) 0; background: var(--sunken); border-block-end: 1px solid var(--line); overflow: hidden }
			.stage::after { content: ""; position: absolute; inset: auto 0 0; block-size: 3rem; background: linear-gradient(transparent, var(--sunken)) }
			.preview { display: grid; grid-template-columns: minmax(0, 1fr) }
			.about { display: flex; flex-direction: column; flex: 1; gap: var(--s1); padding: var(--s3) var(--s4) var(--s4) }
			h2 { display: flex; align-items: center; gap: var(--s2); font: var(--t-h3) } h2 span { flex: 1; min-inline-size: 0; overflow-wrap: anywhere }
			h2 hub-icon { color: var(--accent) }
			.about p { color: var(--ink-2); font: var(--t-dense) }
			.about small { font: var(--t-small); color: var(--ink-3) }
			.acts { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2); margin-block-start: auto; padding-block-start: var(--s2) }
			.b-go { background: var(--accent); border-color: transparent; color: var(--on-accent) }
			.b-go:hover { background: var(--accent-hover); border-color: transparent; color: var(--on-accent) }
			.b:disabled { cursor: default; opacity: .7 }
			.bad { color: var(--bad-ink) !important }
			@media (forced-colors: active) { article { border: 1px solid } }
		`,
	];

	declare props: FrontendProps;
	declare entry: WidgetEntry;
	/** `null`: it is not known. */
	declare isPlaced: boolean | null;
	declare isBusy: boolean;
	declare problem: ApiProblem | null;
	declare toggle: (entry: WidgetEntry) => void;
	/** Ends the preview. */
	#drawn: AbortController | null = null;
	#watch: IntersectionObserver | null = null;

	override connectedCallback(): void {
		super.connectedCallback();
		void this.updateComplete.then(() => this.#drawWhenSeen());
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		// One that only changes its place is back before this runs: its preview lives on.
		queueMicrotask(() => this.isConnected || this.#release());
	}

	override render() {
		const { entry, words } = this;
		const { locale, frontends } = this.props;
		const owner = frontends.find((frontend) => frontend.name === entry.frontend)?.titles[locale] ?? entry.frontend;
		return html`<article aria-labelledby="title" data-testid="gallery-entry" data-widget=${entry.id}>
			<div class="stage" role="img" aria-label=${words.preview(entry.titles[locale])}><div class="preview" inert></div></div>
			<div class="about">
				<h2 id="title">
					<hub-icon name=${entry.icon}></hub-icon><span>${entry.titles[locale]}</span>
					${this.isPlaced === true ? html`<fluent-badge appearance="tint" color="success">${words.placed}</fluent-badge>` : nothing}
				</h2>
				<p>${entry.summaries[locale]}</p>
				<small>${words.from(owner)} · ${words.sizes[entry.size]}</small>
				<div class="acts">${this.#button()}</div>
				${this.#trouble()}
			</div>
		</article>`;
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#button(): TemplateResult {
		const { words, entry } = this;
		const title = entry.titles[this.props.locale];
		const label = this.isBusy ? words.placing : this.isPlaced === true ? words.unplace : words.place;
		return html`<button
			class="b ${this.isPlaced === false ? "b-go" : ""}" type="button" data-testid="gallery-toggle"
			aria-label=${`${title} – ${label}`} aria-disabled=${this.isBusy ? "true" : nothing} ?disabled=${this.isPlaced === null}
			@click=${() => this.isBusy || this.toggle(entry)}
		>${label}</button>`;
	}

	#trouble(): TemplateResult | typeof nothing {
		const { problem, words, entry } = this;
		if (problem === null) {
			return nothing;
		}
		const trace = problem.traceId === null ? "" : ` ${words.trace} ${problem.traceId}`;
		return html`<p class="bad" role="alert" data-testid="gallery-failed">
			${words.placementFailed(entry.titles[this.props.locale])} ${problem.detail === "" ? problem.title : problem.detail}.${trace}
		</p>`;
	}

	/** A card far below is drawn when it comes near: previews ask the hub for what they show. */
	#drawWhenSeen(): void {
		if (this.#drawn !== null || !this.isConnected) {
			return;
		}
		if (typeof IntersectionObserver === "undefined") {
			this.#draw();
			return;
		}
		this.#watch ??= new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.#draw(), {
			rootMargin: "200px",
		});
		this.#watch.observe(this);
	}

	#draw(): void {
		this.#watch?.disconnect();
		const place = this.renderRoot.querySelector<HTMLElement>(".preview");
		if (place !== null && this.#drawn === null && this.isConnected) {
			this.#drawn = new AbortController();
			const end = AbortSignal.any([this.props.signal, this.#drawn.signal]);
			void this.props.widgets.mount(this.entry.id, place, end, { size: "medium" });
		}
	}

	#release(): void {
		this.#watch?.disconnect();
		this.#drawn?.abort();
		this.#drawn = null;
		this.renderRoot.querySelector(".preview")?.replaceChildren();
	}
}

defineElement("gallery-entry", GalleryEntry);
