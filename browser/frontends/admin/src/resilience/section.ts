import { defineElement, formatMoment, type HubEvent, NBSP, type RingState } from "@mainhub/sdk";
import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AdminSection, matches } from "../section.js";
import { counted } from "./history.js";
import { panelBody, RING } from "./panel.js";
import { Reading } from "./readable.js";
import {
	CHANGED_EVENT,
	type Deed,
	isShut,
	type PipelineItem,
	parseResilience,
	RESILIENCE_PATH,
	type Resilience,
	rejections,
} from "./resilience.js";
import { knownState } from "./states.js";
import { RESILIENCE_WORDS, type ResilienceWords } from "./words.js";
import "./chart.js";

/** `<admin-resilience>`: what the hub calls, what it keeps from being called, and a hand on each breaker. */
export class AdminResilience extends AdminSection<Resilience> {
	static override properties: PropertyDeclarations = { ...AdminSection.properties, asked: { state: true } };

	static override styles = [
		...AdminSection.styles,
		css`
			.list td { padding-block: .375rem }
			pipeline-chart[place="row"] { inline-size: 10rem }
			aside section { display: grid; gap: var(--s1) }
			aside h4 { margin: 0; font: var(--t-dense); font-weight: var(--w-strong) }
			aside th, aside td { block-size: 1.75rem; padding-inline: 0 var(--s2) }
			aside th:last-child, aside td:last-child { padding-inline-end: 0 }
			aside td:first-child, aside th:first-child { padding-inline-start: 0 }
			aside tr:last-child th { border-block-end: 0 }
			aside tbody th { font: inherit; color: var(--ink-2); white-space: normal }
			aside dd { font-variant-numeric: tabular-nums }
			aside li small { display: block; color: var(--ink-3); font: var(--t-small) }
			aside li + li { margin-block-start: var(--s1) }
			aside p { color: var(--ink-2) }
			summary { cursor: pointer; color: var(--accent-ink); min-block-size: 1.5rem }
			.told { max-inline-size: 18rem }
			.split.open .told { max-inline-size: 12rem }
			@media (max-width: 1600px) { .split.open .roomy { display: none } }
			@media (max-width: 900px) { .split.open .roomy { display: table-cell } }
			@media (max-width: 640px) {
				.split.open .wide { display: none }
				.list table { table-layout: fixed }
				.list td { vertical-align: top }
				.list th { white-space: normal; padding-block: var(--s1) }
				.list th:last-child { inline-size: 6rem }
				pipeline-chart[place="row"] { inline-size: 100% }
				.list .state { white-space: normal }
			}
		`,
	];

	protected override readonly path = RESILIENCE_PATH;
	protected override readonly testId = "admin-resilience";
	protected override readonly periodSeconds = 5;

	/** What waits for a yes. */
	declare asked: Deed | null;

	constructor() {
		super();
		this.asked = null;
	}

	private get words(): ResilienceWords {
		return RESILIENCE_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): Resilience {
		return parseResilience(answer, new Date());
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override ring({ items }: Resilience): RingState {
		return items.every((one) => one.state === null || one.state === "closed") ? "fine" : "degraded";
	}

	protected override listen(end: AbortSignal): void {
		const { bus } = this.props;
		const offs = [bus.on(CHANGED_EVENT, (event) => this.#hear(event)), bus.on("gap", () => this.refresh())];
		const clock = setInterval(() => this.#count(), 1000);
		const stop = () => {
			clearInterval(clock);
			for (const off of offs) {
				off();
			}
		};
		end.addEventListener("abort", stop, { once: true });
	}

	protected override body({ items, aheadMs }: Resilience): TemplateResult {
		const { words, shared } = this;
		if (items.length === 0) {
			return this.nothingYet(words.empty, words.emptyText);
		}
		const shown = items.filter((one) => matches(this.query, one.title, one.name, words.kinds[one.kind]));
		const opened = items.find((one) => one.name === this.opened) ?? null;
		const shut = items.filter(isShut).length;
		const list = html`<div class="bar">
				<span class="state" data-testid="resilience-summary">
					<hub-ring state=${shut === 0 ? "fine" : "degraded"}></hub-ring>${words.summary(shut, items.length)}
				</span>
				${this.searchBox(words.search, shown.length, items.length)}
			</div>
			${
				shown.length === 0
					? this.nothingYet(shared.nothingFound(this.query), shared.nothingFoundText)
					: this.#table(shown, aheadMs)
			}`;
		return this.split(list, opened === null ? null : this.#panel(opened, aheadMs));
	}

	#table(shown: readonly PipelineItem[], aheadMs: number): TemplateResult {
		const { words } = this;
		return html`<table>
			<caption>${words.heading}</caption>
			<thead>
				<tr>
					<th scope="col">${words.pipeline}</th>
					<th scope="col">${words.state}</th>
					<th scope="col" class="wide">${words.window}</th>
					<th scope="col" class="wide roomy">${words.now}</th>
					<th scope="col" class="wide roomy">${words.rejected}</th>
					<th scope="col">${words.chart}</th>
				</tr>
			</thead>
			<tbody>${repeat(
				shown,
				(one) => one.name,
				(one) => this.#row(one, this.#reading(one, aheadMs)),
			)}</tbody>
		</table>`;
	}

	#row(one: PipelineItem, reading: Reading): TemplateResult {
		const { words } = this;
		const { locale, theme } = this.props;
		const since = one.since === null ? null : words.sinceTime(formatMoment(one.since, locale));
		const next = reading.nextTry === null ? null : words.nextTold(reading.nextTry);
		const turned = rejections(one);
		const told = reading.reasons.map(([reason, count]) => `${reason}${NBSP}${count}`).join(" · ");
		const inShort = [
			reading.window === null ? "" : words.failedTold(reading.window.join(" · ")),
			words.underWay(reading.inFlight),
			one.queued > 0 ? words.queued(reading.queued) : "",
			turned > 0 ? `${words.turnedAwayCount(reading.count(turned))} (${told})` : "",
		];
		return html`<tr data-pipeline=${one.name} data-state=${one.state ?? "none"} aria-selected=${this.opened === one.name ? "true" : "false"}>
			<td>
				${this.opener(one.name, one.title)}<small>${words.kinds[one.kind]} · ${one.name}</small>
				${inShort.filter(Boolean).map((text) => html`<small class="narrow">${text}</small>`)}
			</td>
			<td class="told">
				<span class="state"><hub-ring state=${ringOf(one, reading)}></hub-ring>${reading.state}</span>
				${[reading.cause, since, next, reading.pause].map((text) => (text === null ? nothing : html`<small>${text}</small>`))}
			</td>
			<td class="wide">${reading.window === null ? "–" : html`${reading.window[0]}<small>${reading.window[1]}</small>`}</td>
			<td class="wide roomy">${reading.inFlight}<small>${words.queued(reading.queued)}</small></td>
			<td class="wide roomy">${reading.count(turned)}<small>${told}</small></td>
			<td>
				<pipeline-chart place="row" .history=${one.history} .locale=${locale} .theme=${theme}></pipeline-chart>
				<span class="silent">${words.spoken(counted(one.history.points))}</span>
			</td>
		</tr>`;
	}

	#panel(one: PipelineItem, aheadMs: number): TemplateResult {
		const { locale, theme } = this.props;
		return this.panel(
			one.title,
			panelBody(one, {
				reading: this.#reading(one, aheadMs),
				words: this.words,
				cancel: this.shared.cancel,
				locale,
				theme,
				asked: this.asked,
				isBusy: this.busy,
				ask: (deed) => this.#ask(deed),
				act: (deed) => void this.#act(one, deed),
			}),
		);
	}

	#reading(one: PipelineItem, aheadMs: number): Reading {
		return new Reading(one, this.words, this.props.locale, this.now, aheadMs);
	}

	/** Asks in place; the focus goes to the answer, and back to the button when it was no. */
	#ask(deed: Deed): void {
		this.asked = this.asked === deed ? null : deed;
		const wanted = this.asked === null ? `resilience-${deed}` : "resilience-yes";
		void this.updateComplete.then(() => this.focusOn(wanted));
	}

	async #act(one: PipelineItem, deed: Deed): Promise<void> {
		const { words } = this;
		this.asked = null;
		const path = `${RESILIENCE_PATH}/${encodeURIComponent(one.name)}/${deed}`;
		await this.deed(
			words.doing[deed](one.title),
			() => this.props.api(path, { method: "POST" }),
			words.done[deed](one.title),
		);
		await this.updateComplete;
		// The button that was pressed is of no use any more.
		this.renderRoot.querySelector<HTMLElement>("#panel-title")?.focus();
	}

	/** Says it to whoever does not see it, and asks for the list anew. */
	#hear({ data }: HubEvent): void {
		const { state, words } = this;
		const known = state.kind === "fresh" || state.kind === "stale" ? state.value.items : [];
		const one = known.find(({ name }) => name === data["pipeline"]);
		if (one !== undefined && typeof data["state"] === "string") {
			this.announcement = words.became(one.title, words.states[knownState(data["state"])]);
		}
		this.refresh();
	}

	/** Moves what counts down. */
	#count(): void {
		const { state } = this;
		const isKnown = state.kind === "fresh" || state.kind === "stale";
		if (isKnown && state.value.items.some((one) => one.nextProbeAt !== null || one.pausedUntil !== null)) {
			this.now = new Date();
		}
	}

	protected override openPanel(key: string, opener: EventTarget | null): void {
		this.asked = null;
		super.openPanel(key, opener);
	}
}

function ringOf(one: PipelineItem, { pause }: Reading): RingState {
	if (pause !== null && (one.state === null || one.state === "closed")) {
		return "stale";
	}
	return one.state === null ? "none" : RING[one.state];
}

defineElement("admin-resilience", AdminResilience);
