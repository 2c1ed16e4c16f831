import { defineElement, type FrontendProps, formatDay, surface } from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Arrangement, Cards } from "./board.js";
import type { BarActions } from "./board-bar.js";
import type { BoardGrid } from "./board-grid.js";
import { type BoardState, BoardStore, type Change, type Ready } from "./board-store.js";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import "./board-bar.js";
import "./board-grid.js";

/** Pages of this browser say here that the cards were saved; the gallery does, too. */
const CHANNEL = "mainhub-dashboard";
const GALLERY = "widgets";

/** `<hub-dashboard>`: the person's own first page. */
export class HubDashboard extends LitElement {
	static override properties = {
		props: { attribute: false },
		board: { state: true },
		isArranging: { state: true },
		isAsking: { state: true },
	};

	static override styles = [
		surface,
		css`
			:host { container-type: inline-size }
			header { display: flex; flex-wrap: wrap; align-items: end; gap: var(--s3) var(--s4); margin-block-end: var(--s5) }
			.hello { flex: 1 1 14rem; min-inline-size: 0 }
			header p { color: var(--ink-2); margin-block-start: .125rem }
			.acts { display: flex; flex-wrap: wrap; gap: var(--s2) }
			.b { text-decoration: none } .b[aria-pressed="true"], .b-go { background: var(--accent); border-color: transparent; color: var(--on-accent) }
			.b[aria-pressed="true"]:hover { background: var(--accent-hover); color: var(--on-accent) }
			.how {
				display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s4); margin-block-end: var(--s4); padding: var(--s2) var(--s3) var(--s2) var(--s4);
				background: var(--accent-soft); border: 1px solid var(--accent-line); border-radius: var(--r-l); font: var(--t-dense); color: var(--ink);
			}
			.how p { flex: 1 1 20rem } .how .b { font: var(--t-dense); font-weight: var(--w-strong) } .how .calm { flex: none; color: var(--ink-2) }
			.wait { display: grid; gap: var(--s4) }
			.say { display: grid; gap: var(--s3); justify-items: start; max-inline-size: var(--measure); padding: var(--s8) 0 }
			.say p { color: var(--ink-2); font: var(--t-read) } .say h2 { display: flex; align-items: center; gap: var(--s2) }
			.empty { justify-items: center; text-align: center; margin-inline: auto }
			.empty hub-icon { inline-size: 2.5rem; block-size: 2.5rem; color: var(--accent) }
			.trace { font: var(--t-small) !important } .trace code { overflow-wrap: anywhere }
			@container (max-width: 36rem) { header { margin-block-end: var(--s4) } }
		`,
	];

	declare props: FrontendProps;
	declare board: BoardState;
	declare isArranging: boolean;
	declare isAsking: boolean;
	/** What could not be saved when the person last left, if anything. */
	left: Arrangement | null = null;
	#store: BoardStore | null = null;
	#channel: BroadcastChannel | null = null;

	constructor() {
		super();
		this.board = { kind: "loading" };
		this.isArranging = false;
		this.isAsking = false;
	}

	/** What is on the screen and not at the hub. */
	get unsaved(): Arrangement | null {
		return this.#store === null ? this.left : this.#store.unsaved;
	}

	override connectedCallback(): void {
		super.connectedCallback();
		if (this.#store !== null || this.props.signal.aborted) {
			return;
		}
		const { api, signal } = this.props;
		this.#channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
		this.#store = new BoardStore({ api, signal, tell: () => this.#channel?.postMessage("saved") }, (state) => {
			this.board = state;
		});
		this.#channel?.addEventListener("message", this.#look, { signal });
		document.addEventListener("visibilitychange", this.#look, { signal });
		addEventListener("online", this.#retry, { signal });
		addEventListener("beforeunload", this.#hold, { signal });
		signal.addEventListener("abort", () => this.#channel?.close(), { once: true });
		void this.#store.load(this.left);
	}

	override render() {
		const { props, words } = this;
		const firstName = props.user.name.split(" ")[0] ?? props.user.name;
		return html`
			<header>
				<div class="hello">
					<h1>${words.greeting(firstName)}</h1>
					<p>${formatDay(new Date(), props.locale)}</p>
				</div>
				${this.board.kind === "ready" ? this.#acts() : nothing}
			</header>
			${this.#body()}
		`;
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#acts(): TemplateResult {
		const { words } = this;
		return html`<div class="acts">
			${this.#galleryLink(words.addCard, false)}
			<button
				class="b" type="button" data-testid="arrange" aria-pressed=${this.isArranging ? "true" : "false"}
				@click=${this.#toggle}
			><hub-icon name=${this.isArranging ? "check" : "sliders"}></hub-icon>${this.isArranging ? words.arranged : words.arrange}</button>
		</div>`;
	}

	#galleryLink(label: string, isMain: boolean): TemplateResult | typeof nothing {
		const path = this.props.frontends.find((frontend) => frontend.name === GALLERY)?.path;
		return path === undefined
			? nothing
			: html`<a class="b ${isMain ? "b-go" : ""}" data-testid="to-gallery" href=${path}><hub-icon name="layers"></hub-icon>${label}</a>`;
	}

	#body(): TemplateResult {
		const { board } = this;
		switch (board.kind) {
			case "loading":
				return html`<div class="wait" data-testid="board-loading"><hub-skeleton rows="6"></hub-skeleton></div>`;
			case "failed":
				return this.#failure(board);
			case "ready":
				return html`
					${this.isArranging ? this.#how(board) : nothing}
					${board.cards.length === 0 ? this.#emptiness() : nothing}
					<board-grid
						.props=${this.props} .cards=${board.cards} .changed=${this.#change} .arranging=${this.isArranging}
					></board-grid>
					<board-bar
						.locale=${this.props.locale} .board=${board} .actions=${this.#bar} .naming=${this.#naming}
					></board-bar>
				`;
		}
	}

	#how(board: Ready): TemplateResult {
		const { words } = this;
		if (this.isAsking) {
			return html`<div class="how" data-testid="reset-ask">
				<p>${words.toDefaultAsk}</p>
				<button class="b" type="button" data-testid="reset-yes" @click=${this.#reset}>${words.toDefaultYes}</button>
				<button class="b" type="button" data-testid="reset-no" @click=${() => this.#ask(false)}>${words.toDefaultNo}</button>
			</div>`;
		}
		return html`<div class="how">
			<p>${words.arrangeHow}</p>
			${
				board.isDefault
					? html`<p class="calm">${words.isDefault}</p>`
					: html`<button class="b" type="button" data-testid="reset" @click=${() => this.#ask(true)}>${words.toDefault}</button>`
			}
		</div>`;
	}

	#emptiness(): TemplateResult {
		const { words } = this;
		return html`<div class="say empty" data-testid="board-empty">
			<hub-icon name="layers"></hub-icon>
			<h2>${words.noCards}</h2>
			<p>${words.noCardsText}</p>
			${this.#galleryLink(words.gallery, true)}
		</div>`;
	}

	#failure({ problem, isTrying }: Extract<BoardState, { kind: "failed" }>): TemplateResult {
		const { words } = this;
		const retry = () => void this.#store?.reload(problem, this.left);
		return html`<div class="say" role="alert" data-testid="board-failed">
			<h2><hub-ring state=${isTrying ? "loading" : "failed"}></hub-ring>${words.boardFailed}</h2>
			<p>${words.boardFailedText}</p>
			<button class="b" type="button" data-testid="board-reload" @click=${retry}>
				<hub-icon name="redo"></hub-icon>${isTrying ? words.trying : words.retry}
			</button>
			${problem.traceId === null ? nothing : html`<p class="trace">${words.trace} <code>${problem.traceId}</code></p>`}
		</div>`;
	}

	readonly #change = (cards: Cards, change: Change): void => void this.#store?.change(cards, change);

	readonly #bar: BarActions = {
		undo: () => void this.#store?.undo(),
		retry: () => void this.#store?.retry(),
		useMine: () => void this.#store?.useMine(),
		dismiss: () => this.#store?.dismiss(),
		leave: () => this.#focus("arrange"),
	};

	readonly #naming = (widget: string): string =>
		this.props.widgets.list.find((one) => one.id === widget)?.titles[this.props.locale] ?? widget;

	readonly #toggle = (): void => {
		this.isArranging = !this.isArranging;
		this.isAsking = false;
	};

	/** Asks for a confirmation in place, or takes the question away; the focus stays with it. */
	#ask(isAsking: boolean): void {
		this.isAsking = isAsking;
		const next = isAsking ? "reset-no" : "reset";
		void this.updateComplete.then(() => this.#focus(next));
	}

	readonly #reset = (): void => {
		this.isAsking = false;
		void this.#store?.reset();
		void this.updateComplete.then(() => this.#focus("arrange"));
	};

	#focus(testId: string): void {
		this.renderRoot.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.focus();
	}

	readonly #look = (): void => {
		const isCarrying = this.renderRoot.querySelector<BoardGrid>("board-grid")?.isCarrying === true;
		if (!document.hidden && !isCarrying) {
			void this.#store?.look();
		}
	};

	readonly #retry = (): void => {
		if (this.board.kind === "ready" && this.board.saving.kind === "unsaved") {
			void this.#store?.retry();
		}
	};

	/** Lets the browser ask before a page with an unsaved arrangement is closed. */
	readonly #hold = (event: Event): void => {
		if (this.unsaved !== null) {
			event.preventDefault();
		}
	};
}

defineElement("hub-dashboard", HubDashboard);

declare global {
	interface HTMLElementTagNameMap {
		"hub-dashboard": HubDashboard;
		"board-grid": BoardGrid;
		"board-card": import("./board-card.js").BoardCard;
	}
}
