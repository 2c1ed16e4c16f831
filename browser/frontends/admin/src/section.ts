/** What the sections of the administration share: a list that stays true, a search, a side panel, deeds. */

import { type ApiProblem, FeedCard, type FrontendProps, problemOf } from "@mainhub/sdk";
import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { WORDS, type Words } from "./words.js";

/** A deed that went wrong, told until the next one. */
export interface Mishap {
	readonly what: string;
	readonly problem: ApiProblem;
}

/** One section: *T* is what the hub answered. */
export abstract class AdminSection<T> extends FeedCard<T, FrontendProps> {
	static override properties: PropertyDeclarations = {
		...FeedCard.properties,
		query: { state: true },
		opened: { state: true },
		busy: { state: true },
		mishap: { state: true },
		announcement: { state: true },
	};

	static override styles = [
		...FeedCard.styles,
		css`
			.bar { display: flex; flex-wrap: wrap; align-items: flex-end; gap: var(--s2) var(--s3); padding: var(--s1) var(--s4) var(--s3) }
			.bar > .end { margin-inline-start: auto }
			.bar > span.end { color: var(--ink-2); font: var(--t-small); align-self: center }
			a.b { text-decoration: none }
			td.type { white-space: nowrap }
			.bar > .state, .bar > strong { align-self: center }
			form.bar { border-block-start: 1px solid var(--line); padding-block-start: var(--s3) }
			form.bar h3 { inline-size: 100% }
			input, select, textarea {
				min-block-size: var(--ctl); padding: 0 var(--s2); font: var(--t-body); color: var(--ink); background: var(--card);
				border: 1px solid var(--line-control); border-radius: var(--r-s); min-inline-size: 0; max-inline-size: 100%;
			}
			input[type="checkbox"] { min-block-size: 0; inline-size: 1rem; block-size: 1rem; vertical-align: middle; accent-color: var(--accent) }
			textarea { padding: var(--s2); inline-size: 100%; min-block-size: 6rem; font-family: var(--mono); font-size: .8125rem; resize: vertical }
			input[type="search"] { inline-size: 18rem }
			input:focus-visible, select:focus-visible, textarea:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus-ring) }
			label.field { display: grid; gap: .25rem; font: var(--t-small); color: var(--ink-2); min-inline-size: 0 }
			.split { display: grid; grid-template-columns: minmax(0, 1fr); align-items: start }
			.split.open { grid-template-columns: minmax(0, 1fr) minmax(18rem, 24rem) }
			.list { overflow-x: auto; min-inline-size: 0 }
			aside {
				border-inline-start: 1px solid var(--line); padding: var(--s3) var(--s4) var(--s4); min-inline-size: 0;
				display: flex; flex-direction: column; gap: var(--s3); font: var(--t-dense); background: var(--sunken);
			}
			aside header { display: flex; align-items: flex-start; gap: var(--s2) }
			aside header h3 { flex: 1; overflow-wrap: anywhere; min-inline-size: 0 }
			aside dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--s1) var(--s3) }
			aside dt { color: var(--ink-2) }
			aside dd { overflow-wrap: anywhere }
			.acts { display: flex; flex-wrap: wrap; gap: var(--s2); margin-block: var(--s1) }
			.open-row {
				padding: 0; border: 0; background: none; font: inherit; font-weight: var(--w-strong); color: var(--accent-ink); cursor: pointer;
				overflow-wrap: anywhere; text-align: start; min-block-size: 1.5rem;
			}
			.open-row:hover { text-decoration: underline }
			tr[aria-selected="true"] td { background: var(--accent-soft) }
			td { overflow-wrap: anywhere }
			td .b, td.when { white-space: nowrap; overflow-wrap: normal }
			.bounded { max-block-size: 28rem; overflow: auto }
			td small { display: block; color: var(--ink-3); font: var(--t-small) }
			.state { display: inline-flex; align-items: center; gap: .375rem; white-space: nowrap }
			.mishap {
				margin: 0 var(--s4) var(--s3); padding: var(--s2) var(--s3); border: 1px solid var(--bad-line); border-radius: var(--r-m);
				background: var(--bad-soft); color: var(--bad-ink); font: var(--t-dense); overflow-wrap: anywhere;
			}
			.mono { font-family: var(--mono); font-size: .8125rem; overflow-wrap: anywhere }
			.danger { border-color: var(--bad-line); color: var(--bad-ink) }
			.b:disabled { opacity: .55; cursor: default }
			.b-go, .b-go:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
			pre {
				margin: 0; padding: var(--s2); border: 1px solid var(--line); border-radius: var(--r-s); background: var(--card); overflow: auto;
				max-block-size: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .75rem/1.35 var(--mono);
			}
			caption { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%) }
			.narrow { display: none }
			@media (max-width: 900px) {
				.split.open { grid-template-columns: minmax(0, 1fr) }
				aside { order: -1; border-inline-start: 0; border-block-end: 1px solid var(--line) }
			}
			@media (max-width: 640px) {
				.wide { display: none }
				small.narrow { display: block }
				input[type="search"], form.bar label.field, form.bar input { inline-size: 100% }
				.b, input, select { min-block-size: 2.75rem }
				th, td { padding-inline: var(--s2) }
			}
		`,
	];

	declare query: string;
	/** Names the row whose panel is open; `null`: none is. */
	declare opened: string | null;
	declare busy: boolean;
	declare mishap: Mishap | null;
	declare announcement: string;
	#opener: HTMLElement | null = null;

	constructor() {
		super();
		this.query = "";
		this.opened = null;
		this.busy = false;
		this.mishap = null;
		this.announcement = "";
	}

	protected get shared(): Words {
		return WORDS[this.props.locale];
	}

	protected override said(): string {
		return this.announcement;
	}

	/** Does what a person asked for, then asks for the list anew; what fails is told and nothing is lost. */
	protected async deed(what: string, doing: () => Promise<unknown>, done = ""): Promise<boolean> {
		if (this.busy) {
			return false;
		}
		this.busy = true;
		this.mishap = null;
		try {
			await doing();
			this.announcement = done;
			if (done !== "") {
				this.props.notify(done, "success");
			}
			return true;
		} catch (error) {
			this.mishap = { what, problem: problemOf(error) };
			return false;
		} finally {
			this.busy = false;
			this.retry();
		}
	}

	protected searchBox(label: string, shown: number, all: number): TemplateResult {
		return html`<input
				type="search" aria-label=${label} placeholder=${label} .value=${this.query} data-testid="admin-search"
				@input=${(event: InputEvent) => {
					this.query = (event.target as HTMLInputElement).value;
				}}
			/>
			<span class="end">${this.shared.count(shown, all)}</span>`;
	}

	protected mishapLine(): TemplateResult | typeof nothing {
		if (this.mishap === null) {
			return nothing;
		}
		const { what, problem } = this.mishap;
		const told = problem.detail === "" ? problem.title : problem.detail;
		const trace = problem.traceId === null ? "" : ` ${this.shared.trace(problem.traceId)}`;
		const lead = problem.is("conflict") ? this.shared.stale : this.shared.failed(what);
		return html`<p class="mishap" role="alert" data-testid="admin-mishap">${lead} ${told} ${problem.remedy ?? ""}${trace}</p>`;
	}

	/** Puts *panel* beside *list*, when one is open. */
	protected split(list: TemplateResult, panel: TemplateResult | null): TemplateResult {
		return html`${this.mishapLine()}
			<div class="split ${panel === null ? "" : "open"}">
				<div class="list">${list}</div>
				${panel === null ? nothing : panel}
			</div>`;
	}

	/** A labelled region; Escape closes it, and what opened it has the focus again. */
	protected panel(heading: string, content: TemplateResult): TemplateResult {
		return html`<aside aria-labelledby="panel-title" data-testid="admin-panel" @keydown=${this.#keydown}>
			<header>
				<h3 id="panel-title" tabindex="-1">${heading}</h3>
				<button class="mini" type="button" aria-label=${this.shared.close} data-testid="panel-close" @click=${this.closePanel}>
					<hub-icon name="cross"></hub-icon>
				</button>
			</header>
			${content}
		</aside>`;
	}

	/** The button in a row that opens its panel. */
	protected opener(key: string, label: string): TemplateResult {
		return html`<button
			class="open-row" type="button" aria-expanded=${this.opened === key ? "true" : "false"} data-testid="open-row"
			@click=${(event: Event) => this.openPanel(key, event.currentTarget)}
		>${label}</button>`;
	}

	protected openPanel(key: string, opener: EventTarget | null): void {
		if (this.opened === key) {
			this.closePanel();
			return;
		}
		this.#opener = opener instanceof HTMLElement ? opener : null;
		this.opened = key;
		this.mishap = null;
		void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("#panel-title")?.focus());
	}

	protected readonly closePanel = (): void => {
		this.opened = null;
		this.#opener?.focus();
		this.#opener = null;
	};

	/** Gives the focus to the first thing of the test id *name*, when what had it is gone. */
	protected focusOn(name: string): void {
		this.renderRoot.querySelector<HTMLElement>(`[data-testid="${name}"]`)?.focus();
	}

	readonly #keydown = (event: KeyboardEvent): void => {
		if (event.key === "Escape") {
			event.stopPropagation();
			this.closePanel();
		}
	};
}

/** Returns whether *texts* hold every word of *query*, accents and capitals aside. */
export function matches(query: string, ...texts: readonly (string | null)[]): boolean {
	const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
	const held = plain(texts.filter((text) => text !== null).join("\n"));
	return plain(query)
		.split(/\s+/)
		.every((word) => held.includes(word));
}
