import {
	type ApiProblem,
	defineElement,
	formatChoice,
	formatCount,
	formatDate,
	formatTime,
	grantedRoles,
	NBSP,
	type RingState,
	surface,
	type WidgetProps,
} from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import type { Order, OrderStatus, Orders } from "./orders.js";
import { OrdersFeed, type OrdersState, type Trouble } from "./orders-feed.js";

/** Said by whoever changes an order. */
const ORDERS_CHANGED = "orders:changed";

const BADGE: Readonly<Record<OrderStatus, string>> = {
	late: "danger",
	to_approve: "warning",
	in_progress: "informative",
	shipped: "success",
	delivered: "success",
};

const RING: Readonly<Record<OrdersState["kind"], RingState>> = {
	loading: "loading",
	fresh: "fine",
	stale: "stale",
	failed: "failed",
	refused: "refused",
};

/** `<orders-card>`: the orders, or truthfully why they are not there. */
export class OrdersCard extends LitElement {
	static override properties = { props: { attribute: false }, orders: { state: true }, now: { state: true } };

	static override styles = [
		surface,
		css`
			:host, hub-card { block-size: 100% }
			.counts { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s6); padding: .125rem var(--s4) var(--s2) }
			.counts dd { font: 600 1.25rem/1.5rem var(--font-display) }
			.counts div { display: flex; flex-direction: column-reverse }
			.counts dt { font: var(--t-small); color: var(--ink-3) }
			td:first-child { font-weight: var(--w-strong); font-variant-numeric: tabular-nums }
			td:nth-child(2) { overflow-wrap: anywhere; padding-block: .375rem }
			.wait { padding: var(--s1) var(--s4) var(--s3) }
			.say { display: flex; flex-direction: column; align-items: flex-start; gap: var(--s3); padding: var(--s2) var(--s4) var(--s4); max-inline-size: 38rem }
			.say h3 { display: flex; align-items: center; gap: var(--s2); font: 600 1rem/1.375rem var(--font-display) }
			.say p { color: var(--ink-2) }
			.next {
				display: flex; align-items: center; gap: var(--s3); inline-size: 100%; padding: var(--s2) var(--s3);
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
			@media (max-width: 640px) { th, td { padding-inline: var(--s2) } .next { flex-wrap: wrap } }
		`,
	];

	declare props: WidgetProps;
	declare orders: OrdersState;
	declare now: Date;
	#feed: OrdersFeed | null = null;
	/** Ends what runs while the card is in the page. */
	#presence = new AbortController();

	constructor() {
		super();
		this.orders = { kind: "loading" };
		this.now = new Date();
	}

	override connectedCallback(): void {
		super.connectedCallback();
		const { api, bus, signal } = this.props;
		this.#feed ??= new OrdersFeed({ api, page: document, now: () => new Date() }, (state) => {
			this.orders = state;
			this.now = new Date();
		});
		this.#presence.abort();
		this.#presence = new AbortController();
		const end = AbortSignal.any([signal, this.#presence.signal]);
		if (!end.aborted) {
			const clock = setInterval(() => this.#tick(), 1000);
			end.addEventListener("abort", () => clearInterval(clock), { once: true });
			this.#feed.start(end);
			end.addEventListener("abort", bus.on(ORDERS_CHANGED, this.#hear), { once: true });
		}
	}

	override disconnectedCallback(): void {
		super.disconnectedCallback();
		this.#presence.abort();
	}

	override render() {
		const { words } = this;
		const state = this.orders;
		return html`<hub-card
			flush
			data-testid="orders-card"
			data-state=${state.kind}
			heading=${words.orders}
			state=${RING[state.kind]}
			source=${this.#source(state)}
			when=${state.kind === "fresh" ? formatTime(state.orders.asOf, this.props.locale) : ""}
		>
			${this.#body(state)} ${this.#provenance(state)}
		</hub-card>
		<p class="silent" role="status">${this.#spoken(state)}</p>`;
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	#body(state: OrdersState): TemplateResult {
		switch (state.kind) {
			case "loading":
				return html`<div class="wait"><hub-skeleton rows="5"></hub-skeleton></div>`;
			case "fresh":
			case "stale":
				return this.#table(state.orders);
			case "failed":
				return this.#failure(state);
			case "refused":
				return this.#refusal(state.problem);
		}
	}

	#table({ items, counts }: Orders): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		if (items.length === 0) {
			return html`<div class="say"><h3>${words.noOrders}</h3><p>${words.noOrdersText}</p></div>`;
		}
		return html`
			<dl class="counts">
				<div><dt>${words.open}</dt><dd data-testid="orders-open">${formatCount(counts.open, locale)}</dd></div>
				<div><dt>${words.toApprove}</dt><dd>${formatCount(counts.to_approve, locale)}</dd></div>
				<div><dt>${words.late}</dt><dd>${formatCount(counts.late, locale)}</dd></div>
			</dl>
			<table aria-label=${words.orders}>
				<thead>
					<tr>
						<th scope="col">${words.number}</th>
						<th scope="col">${words.article}</th>
						<th scope="col">${words.status}</th>
						<th scope="col" class="number">${words.delivery}</th>
					</tr>
				</thead>
				<tbody>${items.map((order) => this.#row(order))}</tbody>
			</table>
		`;
	}

	#row(order: Order): TemplateResult {
		const { locale } = this.props;
		return html`<tr data-order=${order.id}>
			<td>${order.id}</td>
			<td>${order.article[locale]}</td>
			<td><fluent-badge appearance="tint" color=${BADGE[order.status]}>${this.words.statuses[order.status]}</fluent-badge></td>
			<td class="number">${formatDate(order.delivery, locale)}</td>
		</tr>`;
	}

	#failure(state: Trouble): TemplateResult {
		const { words } = this;
		return html`<div class="say" data-testid="orders-failure">
			<h3><hub-ring state="failed"></hub-ring>${this.#headline(state)}</h3>
			<p>${this.#cause(state)} ${words.notLost}</p>
			<div class="next">
				<hub-ring state=${state.isTrying ? "loading" : "stale"}></hub-ring>
				<span>${this.#next(state)}</span>
				<button class="b" type="button" data-testid="orders-retry" @click=${this.#retry}>
					<hub-icon name="redo"></hub-icon>${words.retry}
				</button>
			</div>
		</div>`;
	}

	#refusal(problem: ApiProblem): TemplateResult {
		const { words } = this;
		const roles = grantedRoles(this.props.user);
		const { support } = this.props;
		const needs = formatChoice(problem.needs, this.props.locale);
		return html`<div class="say" data-testid="orders-refused">
			<h3><hub-ring state="refused"></hub-ring>${needs === "" ? problem.title : words.refused(needs)}</h3>
			<p>${roles.length === 0 ? words.refusedWithout : words.refusedWith(roles.join(", "))} ${support === null ? words.refusedAsk : words.askSupport(support)}</p>
		</div>`;
	}

	#provenance(state: OrdersState): TemplateResult | typeof nothing {
		const { words } = this;
		if (state.kind === "stale") {
			return html`<span slot="provenance">
				<button class="mini" type="button" data-testid="orders-retry" aria-label=${words.retry} @click=${this.#retry}>
					<hub-icon name="redo"></hub-icon>
				</button>
			</span>`;
		}
		const trace = state.kind === "failed" || state.kind === "refused" ? state.problem.traceId : null;
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

	#source(state: OrdersState): string {
		const { words } = this;
		switch (state.kind) {
			case "loading":
				return words.loading;
			case "fresh":
				return words.ordersSource;
			case "stale": {
				const from = words.from(formatTime(state.orders.asOf, this.props.locale));
				return `${this.#headline(state)} · ${from} · ${lowerFirst(this.#next(state))}`;
			}
			case "failed":
				return hasEnded(state) ? words.ended : words.noAnswer(formatTime(state.since, this.props.locale));
			case "refused":
				return words.refusedSource;
		}
	}

	/** What a screen reader says when the state changes: without the seconds that run. */
	#spoken(state: OrdersState): string {
		return state.kind === "stale" || state.kind === "failed" ? `${this.#headline(state)}. ${this.#cause(state)}` : "";
	}

	#headline(trouble: Trouble): string {
		return hasEnded(trouble) ? this.words.ended : this.words.silent;
	}

	#next({ isTrying, nextAt }: Trouble): string {
		const { words } = this;
		if (isTrying) {
			return words.trying;
		}
		return nextAt === null ? words.notBeforeSignIn : words.nextTry(this.#secondsTo(nextAt));
	}

	#cause({ problem, since }: Trouble): string {
		const { words } = this;
		const time = formatTime(since, this.props.locale);
		if (problem.is("not-signed-in")) {
			return words.endedText(time);
		}
		if (problem.is("network") || problem.is("timeout")) {
			return words.offline(time);
		}
		if (problem.is("upstream-timeout")) {
			return words.slow(time);
		}
		if (problem.is("unreadable")) {
			return words.unreadable(time);
		}
		if (problem.is("circuit-open")) {
			return problem.retryAt === null ? words.isolated : words.resting(time);
		}
		if (problem.is("upstream-failed")) {
			return words.faulty(time);
		}
		if (CROWDED.some((name) => problem.is(name))) {
			return words.crowded;
		}
		return problem.is("upstream-unreachable") ? words.unreachable(time) : words.broken(time, problem.status);
	}

	#secondsTo(moment: Date): string {
		const seconds = Math.max(0, Math.ceil((moment.getTime() - this.now.getTime()) / 1000));
		return `${seconds}${NBSP}s`;
	}

	#tick(): void {
		if (this.orders.kind === "stale" || this.orders.kind === "failed") {
			this.now = new Date();
		}
	}

	readonly #hear = (): void => this.#feed?.changed();

	readonly #retry = (): void => void this.#feed?.refresh();
}

/** What a page is told when the hub or the service takes no more for the moment. */
const CROWDED = ["bulkhead-full", "upstream-paused", "rate-limited"];

function hasEnded({ problem }: Trouble): boolean {
	return problem.is("not-signed-in");
}

function lowerFirst(sentence: string): string {
	return sentence.charAt(0).toLocaleLowerCase() + sentence.slice(1);
}

defineElement("orders-card", OrdersCard);
