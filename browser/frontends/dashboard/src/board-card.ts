import { defineElement, type FrontendProps, surface, type WidgetEntry } from "@mainhub/sdk";
import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { type Card, SIZES, type Size } from "./board.js";
import type { Held } from "./carry.js";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";

/** What a person does at a card's strip. */
export interface CardHands {
	/** Returns whether *key* meant something, so that it does nothing else. */
	readonly key: (key: string, held: Held) => boolean;
	/** The focus went away from the handle. */
	readonly leave: (widget: string) => void;
	readonly grab: (event: PointerEvent, card: BoardCard) => void;
	readonly step: (widget: string, by: number) => void;
	readonly resize: (widget: string, size: Size) => void;
	readonly remove: (widget: string) => void;
}

/** `<board-card>`: a widget in its place and, while arranging, the strip that it is held by. */
export class BoardCard extends LitElement {
	static override properties = {
		props: { attribute: false },
		card: { attribute: false },
		hands: { attribute: false },
		index: { type: Number },
		count: { type: Number },
		arranging: { type: Boolean, reflect: true },
		carried: { type: Boolean, reflect: true },
	};

	static override styles = [
		surface,
		css`
			:host { display: flex; flex-direction: column; min-inline-size: 0; border-radius: var(--r-l) }
			.place { flex: 1; min-inline-size: 0; display: grid; grid-template-columns: minmax(0, 1fr) }
			.place[hidden] { display: none }
			hub-card { flex: 1 }
			.strip {
				display: flex; align-items: center; gap: 2px; padding: var(--s1); margin-block-end: calc(-1 * var(--r-l)); padding-block-end: calc(var(--s1) + var(--r-l));
				background: var(--sunken); border: 1px solid var(--line-strong); border-radius: var(--r-l) var(--r-l) 0 0;
			}
			.grip {
				flex: 1 1 3rem; min-inline-size: 0; display: flex; align-items: center; gap: .375rem; min-block-size: var(--ctl); padding: 0 .375rem;
				border: 0; border-radius: var(--r-s); background: none; color: var(--ink); font: var(--t-dense); font-weight: var(--w-strong);
				text-align: start; cursor: grab; touch-action: none; user-select: none; -webkit-user-select: none;
			}
			.grip:hover { background: var(--hover) }
			.grip svg { flex: none; inline-size: 1rem; block-size: 1rem; fill: var(--ink-3) }
			.grip span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
			:host([carried]) .grip { cursor: grabbing; background: var(--accent-soft); color: var(--accent-ink) }
			:host([carried]) .grip svg { fill: currentColor }
			:host([carried]) .strip { border-color: var(--accent); background: var(--accent-soft) }
			:host([carried]) { background: var(--card); outline: 2px solid var(--accent); outline-offset: 1px; box-shadow: var(--e3) }
			.mini {
				display: inline-grid; place-items: center; flex: none; inline-size: var(--ctl); block-size: var(--ctl); padding: 0;
				border: 0; border-radius: var(--r-s); background: none; color: var(--ink-2); cursor: pointer;
			}
			.mini:hover { background: var(--hover); color: var(--ink) }
			.mini:disabled { color: var(--ink-off); cursor: default; background: none }
			.mini hub-icon { inline-size: 1rem; block-size: 1rem }
			.back { transform: scaleX(-1) }
			select {
				flex: 0 1 5.25rem; min-inline-size: 0; min-block-size: calc(var(--ctl) - .25rem); padding: 0 .25rem; border: 1px solid var(--line-control);
				border-radius: var(--r-s); background: var(--card); color: var(--ink); font: var(--t-small);
			}
			.absent { display: grid; gap: var(--s3); justify-items: start; color: var(--ink-2) }
			.absent code { overflow-wrap: anywhere }
			.silent { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
			:host([arranging]) { position: relative }
			@media (max-width: 640px) {
				:host([arranging]) .place {
					max-block-size: 9rem; overflow: hidden;
					mask-image: linear-gradient(#000 60%, transparent);
				}
			}
		`,
	];

	declare props: FrontendProps;
	declare card: Card;
	declare hands: CardHands;
	declare index: number;
	declare count: number;
	declare arranging: boolean;
	declare carried: boolean;
	/** Ends the widget that is drawn. */
	#drawn: AbortController | null = null;

	override connectedCallback(): void {
		super.connectedCallback();
		this.requestUpdate();
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		// A card that only changes its place is back before this runs: its widget lives on.
		queueMicrotask(() => this.isConnected || this.#release());
	}

	/** Takes the focus to the handle. */
	holdFocus(): void {
		this.renderRoot.querySelector<HTMLElement>(".grip")?.focus({ preventScroll: true });
	}

	/** How the card is called in the person's language; its id when it is not available now. */
	get name(): string {
		return this.#entry?.titles[this.props.locale] ?? this.card.widget;
	}

	override render() {
		const isThere = this.#entry !== undefined;
		return html`
			${this.arranging ? this.#strip() : nothing}
			<div class="place" ?inert=${this.arranging} ?hidden=${!isThere}></div>
			${isThere ? nothing : this.#absence()}
		`;
	}

	protected override updated(): void {
		const isThere = this.#entry !== undefined;
		if (!isThere) {
			this.#release();
		} else if (this.#drawn === null && this.isConnected) {
			this.#draw();
		}
	}

	get #entry(): WidgetEntry | undefined {
		return this.props.widgets.list.find((one) => one.id === this.card.widget);
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#draw(): void {
		const place = this.renderRoot.querySelector<HTMLElement>(".place");
		if (place !== null) {
			this.#drawn = new AbortController();
			const end = AbortSignal.any([this.props.signal, this.#drawn.signal]);
			void this.props.widgets.mount(this.card.widget, place, end, { size: this.card.size });
		}
	}

	#release(): void {
		this.#drawn?.abort();
		this.#drawn = null;
		this.renderRoot.querySelector(".place")?.replaceChildren();
	}

	#strip(): TemplateResult {
		const { words, name, index, count } = this;
		const { widget, size } = this.card;
		return html`<div class="strip">
			<button
				class="grip" type="button" data-testid="card-handle" aria-describedby="how"
				aria-pressed=${this.carried ? "true" : "false"} aria-label=${words.handle(name, index + 1, count)}
				@keydown=${this.#keydown} @click=${this.#click} @blur=${() => this.hands.leave(widget)}
				@pointerdown=${(event: PointerEvent) => this.hands.grab(event, this)}
			>
				${svg`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5 3h2v2H5zM9 3h2v2H9zM5 7h2v2H5zM9 7h2v2H9zM5 11h2v2H5zM9 11h2v2H9z"></path></svg>`}
				<span>${name}</span>
			</button>
			<span class="silent" id="how">${words.handleHow}</span>
			${this.#stepper("card-earlier", words.earlier(name), -1, index === 0)}
			${this.#stepper("card-later", words.later(name), 1, index === count - 1)}
			<select data-testid="card-size" aria-label=${words.sizeOf(name)} @change=${this.#resize}>
				${SIZES.map((one) => html`<option value=${one} .selected=${one === size}>${words.sizes[one]}</option>`)}
			</select>
			<button
				class="mini" type="button" data-testid="card-remove" aria-label=${words.removeCard(name)}
				@click=${() => this.hands.remove(widget)}
			><hub-icon name="cross"></hub-icon></button>
		</div>`;
	}

	/** Moves the card by one place with one press: for who can neither drag nor use keys. */
	#stepper(testId: string, label: string, by: number, isOff: boolean): TemplateResult {
		return html`<button
			class="mini ${by < 0 ? "back" : ""}" type="button" data-testid=${testId} aria-label=${label} ?disabled=${isOff}
			@click=${() => this.hands.step(this.card.widget, by)}
		><hub-icon name="right"></hub-icon></button>`;
	}

	#absence(): TemplateResult {
		const { words } = this;
		return html`<hub-card
			data-testid="absent-card" heading=${words.absent} state="none" source=${words.absentSource} ?inert=${this.arranging}
		>
			<div class="absent">
				<p>${words.absentText(this.card.widget)}</p>
				<button class="b" type="button" data-testid="absent-remove" @click=${() => this.hands.remove(this.card.widget)}>
					${words.remove}
				</button>
			</div>
		</hub-card>`;
	}

	// Space reaches the handle as a click, and so do the gestures of screen readers.
	readonly #click = (event: MouseEvent): void => {
		if (event.detail === 0) {
			this.#key(" ");
		}
	};

	readonly #keydown = (event: KeyboardEvent): void => {
		if (event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey && this.#key(event.key, event.repeat)) {
			event.preventDefault();
		}
	};

	#key(key: string, isRepeat = false): boolean {
		const { index, count } = this;
		// A key that is held down moves on, but does not pick up and drop in turns.
		return (key === "Enter" && isRepeat) || this.hands.key(key, { widget: this.card.widget, index, count });
	}

	readonly #resize = (event: Event): void => {
		const chosen = SIZES.find((size) => size === (event.target as HTMLSelectElement).value);
		if (chosen !== undefined) {
			this.hands.resize(this.card.widget, chosen);
		}
	};
}

defineElement("board-card", BoardCard);
