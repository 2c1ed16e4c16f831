import { defineElement, type FrontendProps, surface } from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Card, type Cards, indexOf, move, remove, resize, type Size, spans } from "./board.js";
import type { BoardCard, CardHands } from "./board-card.js";
import type { Change } from "./board-store.js";
import { type Carry, type Held, putBack, type Step, steer } from "./carry.js";
import { Drag, type DragEnding } from "./drag.js";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import { gliding } from "./glide.js";
import "./board-card.js";

/**
 * `<board-grid>`: the cards on twelve columns, one on a phone. While a card is carried only the look
 * changes place (`order`), so that focus and widgets stay; when it is dropped, the page itself does,
 * so that Tab goes as the eye does.
 */
export class BoardGrid extends LitElement {
	static override properties = {
		props: { attribute: false },
		cards: { attribute: false },
		changed: { attribute: false },
		arranging: { type: Boolean },
		carry: { state: true },
		isLifted: { state: true },
		spoken: { state: true },
	};

	static override styles = [
		surface,
		css`
			:host { container-type: inline-size }
			.grid { position: relative; display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); gap: var(--s4) }
			.span-4 { grid-column: span 4 } .span-6 { grid-column: span 6 } .span-8 { grid-column: span 8 } .span-12 { grid-column: span 12 }
			.lifted { position: absolute; inset: 0 auto auto 0; z-index: 2; grid-column: auto; cursor: grabbing }
			.landing {
				min-block-size: 6rem; border: 2px dashed var(--accent); border-radius: var(--r-l); background: var(--accent-soft);
				display: grid; place-content: center; padding: var(--s4); font: var(--t-dense); color: var(--accent-ink); text-align: center;
			}
			.silent { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
			@container (max-width: 58rem) {
				.small, .medium { grid-column: span 6 } .large, .full { grid-column: span 12 }
			}
			@container (max-width: 36rem) {
				.grid { gap: var(--s3) } .small, .medium, .large, .full { grid-column: 1 / -1 }
			}
			.grid > .lifted { grid-column: auto }
		`,
	];

	declare props: FrontendProps;
	declare cards: Cards;
	declare changed: (cards: Cards, change: Change) => void;
	declare arranging: boolean;
	declare carry: Carry | null;
	declare isLifted: boolean;
	declare spoken: string;
	#drag: Drag | null = null;
	/** The card whose handle takes the focus after the next drawing. */
	#focusNext: string | null = null;
	/** What had the focus before it: whoever is moved in the page loses it. */
	#focused: HTMLElement | null = null;
	#liftedHeight = 0;
	#glide: (() => void) | null = null;

	constructor() {
		super();
		this.carry = null;
		this.isLifted = false;
		this.spoken = "";
	}

	/** Whether a card is in the hand: then nothing else may move the cards. */
	get isCarrying(): boolean {
		return this.carry !== null;
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		this.#drag?.cancel();
		this.#drag = null;
	}

	override render() {
		const { carry, cards } = this;
		const shown = carry === null ? cards : move(cards, carry.widget, carry.to);
		const widths = spans(shown);
		const span = (at: number) => `span-${widths[at] ?? 12}`;
		return html`<div class="grid" data-testid="board" ?data-carrying=${carry !== null}>
				${repeat(
					cards,
					(card) => card.widget,
					(card, at) => this.#card(card, at, shown, span(indexOf(shown, card.widget))),
				)}
				${carry !== null && this.isLifted ? this.#landing(carry, span(carry.to)) : nothing}
			</div>
			<p class="silent" role="status" data-testid="board-spoken">${this.spoken}</p>`;
	}

	protected override willUpdate(changes: Map<PropertyKey, unknown>): void {
		const isCarried = this.carry !== null;
		if (isCarried && ((changes.has("cards") && indexOf(this.cards, this.carry?.widget ?? "") < 0) || !this.arranging)) {
			this.#drag?.cancel();
			this.carry = null;
		}
		this.#focused = this.#focusedControl();
		if (this.hasUpdated && (changes.has("cards") || changes.has("carry"))) {
			this.#glide = gliding(this.#elements().filter((one) => !one.classList.contains("lifted")));
		}
	}

	protected override updated(): void {
		for (const element of this.renderRoot.querySelectorAll<HTMLElement>("[data-order]")) {
			element.style.order = element.dataset["order"] ?? "";
		}
		const landing = this.renderRoot.querySelector<HTMLElement>(".landing");
		if (landing !== null) {
			landing.style.blockSize = `${this.#liftedHeight}px`;
		}
		this.#glide?.();
		this.#glide = null;
		this.#restoreFocus();
	}

	#restoreFocus(): void {
		const wanted = this.#focusNext;
		const before = this.#focused;
		this.#focusNext = null;
		this.#focused = null;
		const card = this.#elements().find((one) => one.card.widget === wanted);
		if (card !== undefined) {
			card.holdFocus();
			card.scrollIntoView?.({ block: "nearest" });
		} else if (before?.isConnected === true && this.#focusedControl() !== before) {
			before.matches(":disabled") ? this.#hostOf(before)?.holdFocus() : before.focus({ preventScroll: true });
		}
	}

	#focusedControl(): HTMLElement | null {
		const focused = this.#elements().map((card) => card.shadowRoot?.querySelector<HTMLElement>(":focus"));
		return focused.find((control) => control != null) ?? null;
	}

	#hostOf(control: HTMLElement): BoardCard | undefined {
		return this.#elements().find((one) => one.shadowRoot === control.getRootNode());
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#card(card: Card, index: number, shown: Cards, span: string): TemplateResult {
		const isCarried = this.carry?.widget === card.widget;
		const place = isCarried && this.isLifted ? "lifted" : "";
		return html`<board-card
			class="${card.size} ${span} ${place}"
			data-testid="board-card"
			data-widget=${card.widget}
			data-order=${this.carry === null ? 0 : indexOf(shown, card.widget)}
			.props=${this.props}
			.card=${card}
			.hands=${this.#hands}
			.index=${index}
			.count=${this.cards.length}
			.arranging=${this.arranging}
			.carried=${isCarried}
		></board-card>`;
	}

	#landing(carry: Carry, span: string): TemplateResult {
		const size = this.cards[indexOf(this.cards, carry.widget)]?.size ?? "full";
		return html`<div class="landing ${size} ${span}" data-testid="landing" data-order=${carry.to} aria-hidden="true">
			${this.words.landsHere(this.#name(carry.widget))}
		</div>`;
	}

	readonly #hands: CardHands = {
		key: (key, held) => this.#key(key, held),
		leave: (widget) => this.#leave(widget),
		grab: (event, card) => this.#grab(event, card),
		step: (widget, by) => this.#drop(widget, indexOf(this.cards, widget) + by),
		resize: (widget, size) => this.#resize(widget, size),
		remove: (widget) => this.#remove(widget),
	};

	#key(key: string, held: Held): boolean {
		const step = this.#drag === null ? steer(this.carry, key, held) : null;
		if (step !== null) {
			this.#take(step);
		}
		return step !== null;
	}

	/** The focus left a carried card: it goes back, unless it only followed its card, or the window lost it. */
	#leave(widget: string): void {
		queueMicrotask(() => {
			const { carry } = this;
			if (carry?.widget === widget && this.#drag === null && document.hasFocus() && !this.#holdsFocus(widget)) {
				this.#take(putBack(carry));
			}
		});
	}

	#take({ outcome, carry, isHeld }: Step): void {
		this.#say(outcome, carry);
		if (outcome === "dropped") {
			this.#drop(carry.widget, carry.to);
			this.#focusNext = carry.widget;
		} else {
			this.carry = isHeld ? carry : null;
			this.#focusNext = isHeld ? carry.widget : null;
		}
	}

	#grab(event: PointerEvent, card: BoardCard): void {
		const grid = this.renderRoot.querySelector<HTMLElement>(".grid");
		const handle = event.currentTarget;
		if (event.button !== 0 || this.#drag !== null || grid === null || !(handle instanceof HTMLElement)) {
			return;
		}
		const { widget } = card.card;
		const from = indexOf(this.cards, widget);
		this.#drag = new Drag(event, handle, {
			grid,
			card,
			cards: this.#elements(),
			lifted: () => {
				this.#liftedHeight = card.getBoundingClientRect().height;
				this.isLifted = true;
				this.carry = { widget, from, to: from };
			},
			over: (to) => {
				this.carry = { widget, from, to };
			},
			done: (ending) => this.#land(ending),
		});
	}

	#land(ending: DragEnding): void {
		const { carry } = this;
		this.#drag = null;
		this.isLifted = false;
		if (carry !== null && ending !== "pressed") {
			this.#take(ending === "dropped" ? { outcome: "dropped", carry, isHeld: false } : putBack(carry));
		}
	}

	#drop(widget: string, to: number): void {
		const cards = move(this.cards, widget, to);
		// The new order first, so that both are drawn as one.
		this.changed(cards, { kind: "moved", widget, place: indexOf(cards, widget) + 1 });
		this.carry = null;
	}

	#resize(widget: string, size: Size): void {
		this.changed(resize(this.cards, widget, size), { kind: "resized", widget });
	}

	#remove(widget: string): void {
		const at = indexOf(this.cards, widget);
		const cards = remove(this.cards, widget);
		// Who removed it by its strip goes on with the next one.
		this.#focusNext = this.arranging ? (cards[Math.min(at, cards.length - 1)]?.widget ?? null) : null;
		this.changed(cards, { kind: "removed", widget });
	}

	#say(outcome: Step["outcome"], { widget, to }: Carry): void {
		this.spoken = this.words.steps[outcome](this.#name(widget), to + 1, this.cards.length);
	}

	#name(widget: string): string {
		const entry = this.props.widgets.list.find((one) => one.id === widget);
		return entry?.titles[this.props.locale] ?? widget;
	}

	#holdsFocus(widget: string): boolean {
		const control = this.#focusedControl();
		return control?.matches(".grip") === true && this.#hostOf(control)?.card.widget === widget;
	}

	#elements(): BoardCard[] {
		return [...this.renderRoot.querySelectorAll<BoardCard>("board-card")];
	}
}

defineElement("board-grid", BoardGrid);
