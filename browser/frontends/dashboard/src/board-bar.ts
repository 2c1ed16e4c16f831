import { type ApiProblem, defineElement, type Locale, surface } from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Notice, Ready } from "./board-store.js";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";

export interface BarActions {
	readonly undo: () => void;
	readonly retry: () => void;
	readonly useMine: () => void;
	readonly dismiss: () => void;
	/** The bar is gone, and the focus with it. */
	readonly leave: () => void;
}

/** `<board-bar>`: what was changed, whether it is kept, and the way back. It stays until it is taken away. */
export class BoardBar extends LitElement {
	static override properties = {
		locale: { type: String },
		board: { attribute: false },
		actions: { attribute: false },
		naming: { attribute: false },
	};

	static override styles = [
		surface,
		css`
			:host { position: sticky; inset-block-end: var(--s4); z-index: 2; margin-block-start: var(--s4); pointer-events: none }
			.bar {
				display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); max-inline-size: 34rem; margin-inline: auto; padding: var(--s2) var(--s2) var(--s2) var(--s4);
				background: var(--raised); border: 1px solid var(--line-strong); border-radius: var(--r-l); box-shadow: var(--e2); pointer-events: auto;
				animation: rise var(--m-in) var(--ease);
			}
			.bar.unsaved { background: var(--warn-soft); border-color: var(--warn-line); color: var(--warn-ink) }
			.text { flex: 1 1 14rem }
			.acts { display: flex; gap: var(--s1); margin-inline-start: auto }
			.mini {
				display: inline-grid; place-items: center; flex: none; inline-size: var(--ctl); block-size: var(--ctl); padding: 0;
				border: 0; border-radius: var(--r-s); background: none; color: inherit; cursor: pointer;
			}
			.mini:hover { background: var(--hover) }
			.mini hub-icon { inline-size: 1rem; block-size: 1rem }
			.state { display: inline-flex; align-items: center; gap: .375rem; font: var(--t-small); color: var(--ink-2) }
			.state hub-ring { inline-size: .875rem; block-size: .875rem }
			.trace { font: var(--t-small) } .trace code { overflow-wrap: anywhere }
			.silent { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
			@keyframes rise { from { opacity: 0; transform: translateY(.25rem) } }
			@media (max-width: 640px) { :host { inset-block-end: 4.5rem } }
			@media (prefers-reduced-motion: reduce) { .bar { animation: none } }
			@media (forced-colors: active) { .bar { border: 1px solid } }
		`,
	];

	declare locale: Locale;
	declare board: Ready;
	declare actions: BarActions;
	/** Returns how a widget is called. */
	declare naming: (widget: string) => string;

	/** The focus was in the bar before it is drawn anew. */
	#hadFocus = false;

	override render() {
		const { saving, notice } = this.board;
		const isUnsaved = saving.kind === "unsaved";
		const isShown = isUnsaved || notice !== null;
		return html`<div>
			${
				isShown
					? html`<div class="bar ${isUnsaved ? "unsaved" : ""}" data-testid="board-bar" data-saving=${saving.kind}>
						${saving.kind === "unsaved" ? this.#trouble(saving.problem) : this.#told(notice)}
						<div class="acts">${this.#actions(isUnsaved, notice)}</div>
					</div>`
					: nothing
			}
		</div>
		<p class="silent" role="status">${this.#spoken()}</p>`;
	}

	protected override willUpdate(): void {
		this.#hadFocus = this.renderRoot.querySelector(":focus") !== null;
	}

	protected override updated(): void {
		if (this.#hadFocus && this.renderRoot.querySelector(":focus") === null) {
			const next = this.renderRoot.querySelector<HTMLElement>("button");
			next === null ? this.actions.leave() : next.focus();
		}
	}

	private get words(): Messages {
		return this.locale === "fr" ? fr : en;
	}

	#told(notice: Notice | null): TemplateResult {
		const { words } = this;
		const isSaving = this.board.saving.kind === "saving";
		const isMine = notice?.kind === "changed" || notice?.kind === "undone";
		return html`<p class="text">${notice === null ? nothing : this.#message(notice)}</p>
			${
				isMine
					? html`<span class="state">
						<hub-ring state=${isSaving ? "loading" : "fine"}></hub-ring>${isSaving ? words.saving : words.saved}
					</span>`
					: nothing
			}`;
	}

	#message(notice: Notice): string {
		const { words } = this;
		if (notice.kind !== "changed") {
			return words[notice.kind];
		}
		const { change } = notice;
		const title = change.kind === "reset" ? "" : this.naming(change.widget);
		return words.changes[change.kind](title, change.kind === "moved" ? change.place : 0);
	}

	#trouble(problem: ApiProblem): TemplateResult {
		const { words } = this;
		return html`<div class="text" data-testid="board-unsaved">
			<p><b>${words.unsaved}</b> ${this.#cause(problem)}</p>
			${problem.traceId === null ? nothing : html`<p class="trace">${words.trace} <code>${problem.traceId}</code></p>`}
		</div>`;
	}

	/** What a screen reader says: a move was told where it was made. */
	#spoken(): string {
		const { saving, notice } = this.board;
		if (saving.kind === "unsaved") {
			return `${this.words.unsaved} ${this.#cause(saving.problem)}`;
		}
		const isTold = notice === null || (notice.kind === "changed" && notice.change.kind === "moved");
		return isTold ? "" : this.#message(notice);
	}

	#cause(problem: ApiProblem): string {
		const { words } = this;
		if (problem.is("not-signed-in")) {
			return words.unsavedEnded;
		}
		const isAway = problem.is("network") || problem.is("timeout");
		return isAway ? words.unsavedOffline : words.unsavedRefused(problem.title);
	}

	#actions(isUnsaved: boolean, notice: Notice | null): TemplateResult {
		const { words, actions } = this;
		const isTheirs = notice?.kind === "theirs";
		return html`
			${isUnsaved ? this.#button("board-retry", words.retry, actions.retry) : nothing}
			${isTheirs ? this.#button("board-mine", words.useMine, actions.useMine) : nothing}
			${this.board.canUndo && !isTheirs ? this.#button("board-undo", words.undo, actions.undo) : nothing}
			${
				isUnsaved
					? nothing
					: html`<button class="mini" type="button" data-testid="board-dismiss" aria-label=${words.dismiss} @click=${actions.dismiss}>
						<hub-icon name="cross"></hub-icon>
					</button>`
			}
		`;
	}

	#button(testId: string, label: string, act: () => void): TemplateResult {
		return html`<button class="b" type="button" data-testid=${testId} @click=${act}>${label}</button>`;
	}
}

defineElement("board-bar", BoardBar);
