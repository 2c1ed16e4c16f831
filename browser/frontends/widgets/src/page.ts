import { type ApiProblem, defineElement, type FrontendProps, surface, type WidgetEntry } from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import { Placement, type PlacementState } from "./placement.js";
import { found } from "./search.js";
import "./gallery-entry.js";

/** Pages of this browser say here that the cards were saved; the dashboard does, too. */
const CHANNEL = "mainhub-dashboard";
const HOME = "dashboard";

/** `<hub-gallery>`: every card that is open to the person, to be looked at and placed. */
export class HubGallery extends LitElement {
	static override properties = {
		props: { attribute: false },
		placement: { state: true },
		query: { state: true },
		busy: { state: true },
		problems: { state: true },
		said: { state: true },
	};

	static override styles = [
		surface,
		css`
			:host { container-type: inline-size }
			header { display: flex; flex-wrap: wrap; align-items: end; gap: var(--s3) var(--s4); margin-block-end: var(--s5) }
			.hello { flex: 1 1 20rem; min-inline-size: 0 } header p { color: var(--ink-2); margin-block-start: .125rem; max-inline-size: var(--measure) }
			.tools { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) }
			.b { text-decoration: none }
			input {
				inline-size: 16rem; max-inline-size: 100%; min-block-size: var(--ctl); padding: 0 var(--s3); border: 1px solid var(--line-control); border-radius: var(--r-s);
				background: var(--card); color: var(--ink); font: var(--t-body);
			}
			input::placeholder { color: var(--ink-3); opacity: 1 }
			.entries { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: var(--s4) }
			.say { display: grid; gap: var(--s3); justify-items: center; text-align: center; padding: var(--s8) 0 } .say p { color: var(--ink-2); font: var(--t-read) }
			.banner {
				display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); margin-block-end: var(--s4); padding: var(--s2) var(--s3) var(--s2) var(--s4);
				background: var(--warn-soft); border: 1px solid var(--warn-line); border-radius: var(--r-l); color: var(--warn-ink); font: var(--t-dense);
			}
			.banner p { flex: 1 1 16rem }
			.silent { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
			@container (max-width: 36rem) { header { margin-block-end: var(--s4) } .tools, .tools input { inline-size: 100% } }
		`,
	];

	declare props: FrontendProps;
	declare placement: PlacementState;
	declare query: string;
	/** Widgets that are being placed or removed. */
	declare busy: ReadonlySet<string>;
	declare problems: ReadonlyMap<string, ApiProblem>;
	/** What was last done, in words. */
	declare said: string;
	#store: Placement | null = null;

	constructor() {
		super();
		this.placement = { kind: "loading" };
		this.query = "";
		this.busy = new Set();
		this.problems = new Map();
		this.said = "";
	}

	override connectedCallback(): void {
		super.connectedCallback();
		if (this.#store !== null || this.props.signal.aborted) {
			return;
		}
		const { api, signal } = this.props;
		const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
		const store = new Placement({ api, signal, tell: () => channel?.postMessage("saved") }, (state) => {
			this.placement = state;
		});
		this.#store = store;
		const look = () => document.hidden || void store.look(true);
		channel?.addEventListener("message", () => void store.look(true), { signal });
		document.addEventListener("visibilitychange", look, { signal });
		signal.addEventListener("abort", () => channel?.close(), { once: true });
		void store.look();
	}

	override render() {
		const { words } = this;
		const { list } = this.props.widgets;
		const entries = found(list, this.query, this.props.locale, this.props.frontends);
		return html`
			<header>
				<div class="hello"><h1>${words.title}</h1><p>${words.intro}</p></div>
				<div class="tools">${list.length === 0 ? nothing : this.#search()} ${this.#homeLink()}</div>
			</header>
			${this.placement.kind === "unknown" ? this.#banner(this.placement.problem) : nothing}
			${entries.length === 0 ? this.#emptiness(list.length === 0) : this.#entries(entries)}
			<p class="silent" role="status">${this.query === "" ? this.said : words.found(entries.length)}</p>
		`;
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#search(): TemplateResult {
		return html`<input
			type="search" data-testid="gallery-search" aria-label=${this.words.search} placeholder=${this.words.search} .value=${this.query}
			@input=${(event: Event) => this.#seek((event.target as HTMLInputElement).value)}
		/>`;
	}

	#homeLink(): TemplateResult | typeof nothing {
		const path = this.props.frontends.find((frontend) => frontend.name === HOME)?.path;
		return path === undefined
			? nothing
			: html`<a class="b" href=${path} data-testid="to-dashboard"><hub-icon name="home"></hub-icon>${this.words.dashboard}</a>`;
	}

	#entries(entries: readonly WidgetEntry[]): TemplateResult {
		const { placement } = this;
		const placed = placement.kind === "known" ? placement.widgets : null;
		return html`<div class="entries">
			${repeat(
				entries,
				(entry) => entry.id,
				(entry) => html`<gallery-entry
					.props=${this.props} .entry=${entry} .isPlaced=${placed === null ? null : placed.has(entry.id)}
					.isBusy=${this.busy.has(entry.id)} .problem=${this.problems.get(entry.id) ?? null} .toggle=${this.#toggle}
				></gallery-entry>`,
			)}
		</div>`;
	}

	#emptiness(isBare: boolean): TemplateResult {
		const { words } = this;
		return html`<div class="say" data-testid="gallery-empty">
			<h2>${isBare ? words.noWidgets : words.notFound(this.query)}</h2>
			<p>${isBare ? words.noWidgetsText : words.notFoundText}</p>
			${isBare ? nothing : html`<button class="b" type="button" @click=${this.#clear}>${words.seeAll}</button>`}
		</div>`;
	}

	#banner(problem: ApiProblem): TemplateResult {
		const { words } = this;
		const trace = problem.traceId === null ? "" : ` ${words.trace} ${problem.traceId}`;
		return html`<div class="banner" role="alert" data-testid="placement-unknown">
			<p>${words.placementUnknown}${trace}</p>
			<button class="b" type="button" @click=${() => this.#store?.look()}>${words.retry}</button>
		</div>`;
	}

	#seek(query: string): void {
		this.query = query;
		this.said = "";
	}

	readonly #clear = (): void => {
		this.#seek("");
		void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("input")?.focus());
	};

	readonly #toggle = async (entry: WidgetEntry): Promise<void> => {
		const store = this.#store;
		if (store === null || this.placement.kind !== "known") {
			return;
		}
		const isPlaced = this.placement.widgets.has(entry.id);
		this.busy = new Set([...this.busy, entry.id]);
		this.problems = without(this.problems, entry.id);
		const outcome = await (isPlaced ? store.remove(entry.id) : store.place(entry.id, entry.size));
		this.busy = new Set([...this.busy].filter((id) => id !== entry.id));
		const title = entry.titles[this.props.locale];
		if (outcome.kind === "failed") {
			this.problems = new Map([...this.problems, [entry.id, outcome.problem]]);
		} else {
			this.said = outcome.kind === "placed" ? this.words.placedNow(title) : this.words.unplacedNow(title);
		}
	};
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
	return new Map([...map].filter(([one]) => one !== key));
}

defineElement("hub-gallery", HubGallery);
