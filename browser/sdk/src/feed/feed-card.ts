import { css, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { FrontendProps, WidgetProps } from "../contract.js";
import { surface } from "../elements/surface.js";
import { formatTime, NBSP } from "../format.js";
import type { RingState } from "../icons.js";
import type { ApiProblem } from "../problem.js";
import { Feed, type FeedState, type Known, type Trouble } from "./feed.js";
import { FEED_WORDS, type FeedWords } from "./words.js";
import "../elements/card.js";
import "../elements/icon.js";
import "../elements/skeleton.js";

const RING: Readonly<Record<FeedState<unknown>["kind"], RingState>> = {
	loading: "loading",
	fresh: "fine",
	stale: "stale",
	failed: "failed",
};

/** What a card needs of what it is given: both a widget and a whole page have it. */
export type FeedProps = Pick<FrontendProps, "api" | "signal" | "locale" | "notify">;

/** A card that lives on one answer of the hub, and tells how true what it shows is. */
export abstract class FeedCard<T, Props extends FeedProps = WidgetProps> extends LitElement {
	static override properties: PropertyDeclarations = {
		props: { attribute: false },
		state: { state: true },
		now: { state: true },
	};

	static override styles = [
		surface,
		css`
			:host, hub-card { block-size: 100% }
			.wait { padding: var(--s1) var(--s4) var(--s3) }
			.say { display: flex; flex-direction: column; align-items: flex-start; gap: var(--s2); padding: var(--s2) var(--s4) var(--s4) }
			.say h3 { display: flex; align-items: center; gap: var(--s2) }
			.say p { color: var(--ink-2); font: var(--t-dense) }
			.next {
				display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); inline-size: 100%; padding: var(--s2) var(--s3);
				border-radius: var(--r-m); background: var(--sunken); font: var(--t-dense); color: var(--ink);
			}
			.next .b { margin-inline-start: auto }
			[slot="provenance"] { display: inline-flex; align-items: center; gap: var(--s1); color: inherit }
			.mini {
				display: inline-grid; place-items: center; inline-size: var(--ctl); block-size: var(--ctl); margin-block: -.125rem; padding: 0;
				border: 0; border-radius: var(--r-s); background: none; color: inherit; cursor: pointer;
			}
			.mini:hover { background: var(--hover) }
			.mini hub-icon { inline-size: .875rem; block-size: .875rem }
			.trace { font-family: var(--mono); overflow-wrap: anywhere }
			.silent { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
			.lines li { padding: .5625rem var(--s4); font: var(--t-dense) }
			.lines li + li { border-block-start: 1px solid var(--line) }
			.lines small { display: block; font: var(--t-small); color: var(--ink-3); overflow-wrap: anywhere }
			.lines b { font-weight: var(--w-strong); overflow-wrap: anywhere }
		`,
	];

	declare props: Props;
	declare state: FeedState<T>;
	declare now: Date;
	#feed: Feed<T> | null = null;
	/** Ends what runs while the card is in the page. */
	#presence = new AbortController();

	protected abstract readonly path: string;
	protected abstract readonly testId: string;
	protected readonly periodSeconds: number = 60;

	/** Throws what it cannot read. */
	protected abstract parse(answer: unknown): T;
	protected abstract heading(): string;
	protected abstract body(value: T): TemplateResult;

	constructor() {
		super();
		this.state = { kind: "loading" };
		this.now = new Date();
	}

	override connectedCallback(): void {
		super.connectedCallback();
		const { api, signal } = this.props;
		const { periodSeconds } = this;
		const path = () => this.path;
		const parse = (answer: unknown) => this.parse(answer);
		this.#feed ??= new Feed({ api, path, parse, periodSeconds, page: document, now: () => new Date() }, (state) => {
			this.state = state;
			this.now = new Date();
		});
		this.#presence.abort();
		this.#presence = new AbortController();
		const end = AbortSignal.any([signal, this.#presence.signal]);
		if (!end.aborted) {
			const clock = setInterval(() => this.#tick(), 1000);
			end.addEventListener("abort", () => clearInterval(clock), { once: true });
			this.#feed.start(end);
			this.listen(end);
		}
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		this.#presence.abort();
	}

	override render() {
		const { state } = this;
		return html`<hub-card
				flush
				data-testid=${this.testId}
				data-state=${state.kind}
				heading=${this.heading()}
				state=${state.kind === "fresh" ? this.ring(state.value) : RING[state.kind]}
				source=${this.#told(state)}
				when=${state.kind === "fresh" ? this.when(state) : ""}
			>
				${this.#content(state)} ${this.#provenance(state)}
			</hub-card>
			<p class="silent" role="status">${this.#spoken(state)}</p>`;
	}

	get #words(): FeedWords {
		return FEED_WORDS[this.props.locale];
	}

	/** Subscribes to what makes the answer old, until *end*. */
	protected listen(_end: AbortSignal): void {}

	/** Asks again because something happened. */
	protected refresh(): void {
		this.#feed?.tick();
	}

	/** Asks again because the person wants it. */
	protected readonly retry = (): void => void this.#feed?.refresh();

	/** Where a fresh answer comes from, in the footer. */
	protected source(_value: T): string {
		return this.#words.hub;
	}

	/** How fresh it is, at the end of the footer. */
	protected when({ at }: Known<T>): string {
		return formatTime(at, this.props.locale);
	}

	/** How well what it shows is doing, while the answer itself is fresh. */
	protected ring(_value: T): RingState {
		return "fine";
	}

	/** What a screen reader says besides: of what the person did here. */
	protected said(): string {
		return "";
	}

	protected nothingYet(title: string, text: string): TemplateResult {
		return html`<div class="say"><h3>${title}</h3><p>${text}</p></div>`;
	}

	#content(state: FeedState<T>): TemplateResult {
		switch (state.kind) {
			case "loading":
				return html`<div class="wait"><hub-skeleton rows="3"></hub-skeleton></div>`;
			case "failed":
				return this.#failure(state);
			default:
				return this.body(state.value);
		}
	}

	#failure(state: Trouble): TemplateResult {
		const words = this.#words;
		return html`<div class="say" data-testid="widget-failure">
			<h3><hub-ring state="failed"></hub-ring>${this.#headline(state.problem)}</h3>
			<p>${this.#cause(state)}</p>
			<div class="next">
				<hub-ring state=${state.isTrying ? "loading" : "stale"}></hub-ring>
				<span>${this.#next(state)}</span>
				<button class="b" type="button" data-testid="widget-retry" @click=${this.retry}>
					<hub-icon name="redo"></hub-icon>${words.retry}
				</button>
			</div>
		</div>`;
	}

	#provenance(state: FeedState<T>): TemplateResult | typeof nothing {
		const words = this.#words;
		if (state.kind === "stale") {
			return html`<span slot="provenance">
				<button class="mini" type="button" data-testid="widget-retry" aria-label=${words.retry} @click=${this.retry}>
					<hub-icon name="redo"></hub-icon>
				</button>
			</span>`;
		}
		const trace = state.kind === "failed" ? state.problem.traceId : null;
		if (trace === null) {
			return nothing;
		}
		const copy = () =>
			navigator.clipboard?.writeText(trace).then(
				() => this.props.notify(words.copied, "success"),
				() => {},
			);
		return html`<span slot="provenance">
			${words.trace} <span class="trace" title=${trace}>${trace.slice(0, 12)}</span>
			<button class="mini" type="button" aria-label=${words.copyTrace(trace)} @click=${copy}>
				<hub-icon name="copy"></hub-icon>
			</button>
		</span>`;
	}

	#told(state: FeedState<T>): string {
		const words = this.#words;
		switch (state.kind) {
			case "loading":
				return words.loading;
			case "fresh":
				return this.source(state.value);
			case "stale": {
				const from = words.fromTime(formatTime(state.at, this.props.locale));
				return `${this.#headline(state.problem)} · ${from} · ${lowerFirst(this.#next(state))}`;
			}
			case "failed":
				return state.problem.is("not-signed-in") || state.problem.is("missing-role")
					? this.#headline(state.problem)
					: words.noAnswer(formatTime(state.since, this.props.locale));
		}
	}

	/** Without the seconds that run. */
	#spoken(state: FeedState<T>): string {
		const isIll = state.kind === "stale" || state.kind === "failed";
		return isIll ? `${this.#headline(state.problem)}. ${this.#cause(state)}` : this.said();
	}

	#headline(problem: ApiProblem): string {
		const words = this.#words;
		if (problem.is("not-signed-in")) {
			return words.ended;
		}
		if (problem.is("missing-role")) {
			return words.refused;
		}
		return isSilent(problem) ? words.silent : words.unable;
	}

	#cause({ problem, since }: Trouble): string {
		const words = this.#words;
		const time = formatTime(since, this.props.locale);
		if (problem.is("not-signed-in")) {
			return words.endedText(time);
		}
		if (isSilent(problem)) {
			return words.offline(time);
		}
		return problem.is("unreadable") ? words.unreadable(time) : words.broken(time, problem.status);
	}

	#next({ isTrying, nextAt, problem }: Trouble): string {
		const words = this.#words;
		if (isTrying) {
			return words.trying;
		}
		if (nextAt === null) {
			return problem.is("missing-role") ? words.refused : words.notBeforeSignIn;
		}
		const seconds = Math.max(0, Math.ceil((nextAt.getTime() - this.now.getTime()) / 1000));
		return words.nextTry(`${seconds}${NBSP}s`);
	}

	#tick(): void {
		if (this.state.kind === "stale" || this.state.kind === "failed") {
			this.now = new Date();
		}
	}
}

function isSilent(problem: ApiProblem): boolean {
	return problem.is("network") || problem.is("timeout");
}

function lowerFirst(sentence: string): string {
	return sentence.charAt(0).toLocaleLowerCase() + sentence.slice(1);
}
