/** The side panel of one pipeline: how it is, why, what it counts, and what may be done. */

import { formatClock, formatMoment, formatTime, type Locale, type RingState, type Theme } from "@mainhub/sdk";
import { html, nothing, type TemplateResult } from "lit";
import { minutes } from "./history.js";
import { duration, percent, type Reading } from "./readable.js";
import {
	DEED_ENDS,
	DEEDS,
	type Deed,
	type PipelineItem,
	type PipelineKind,
	type Thresholds,
	TOTALS,
} from "./resilience.js";
import { type BreakerState, knownState } from "./states.js";
import type { ResilienceWords } from "./words.js";

export const RING: Readonly<Record<BreakerState, RingState>> = {
	closed: "fine",
	open: "failed",
	"half-open": "degraded",
	isolated: "refused",
	disabled: "none",
};

/** What a panel is drawn with. */
export interface PanelWorld {
	readonly reading: Reading;
	readonly words: ResilienceWords;
	readonly cancel: string;
	readonly locale: Locale;
	readonly theme: Theme;
	/** The deed that waits for a yes. */
	readonly asked: Deed | null;
	readonly isBusy: boolean;
	readonly ask: (deed: Deed) => void;
	readonly act: (deed: Deed) => void;
}

export function panelBody(one: PipelineItem, world: PanelWorld): TemplateResult {
	const { words, locale, theme } = world;
	const heading = words.chartOf(one.title);
	return html`${standing(one, world)} ${deeds(one, world)}
		<section aria-label=${heading}>
			<h4>${words.chart}</h4>
			<pipeline-chart place="panel" heading=${heading} .history=${one.history} .locale=${locale} .theme=${theme}></pipeline-chart>
			${twin(one, world)}
		</section>
		${thresholds(one, world)} ${load(world)} ${totals(one, world)} ${changes(one, world)}`;
}

function standing(one: PipelineItem, { reading, words, locale }: PanelWorld): TemplateResult {
	const line = (name: string, text: string | null) =>
		text === null ? nothing : html`<dt>${name}</dt><dd>${text}</dd>`;
	return html`<dl data-testid="resilience-standing">
		<dt>${words.state}</dt>
		<dd>
			<span class="state"><hub-ring state=${one.state === null ? "none" : RING[one.state]}></hub-ring>${reading.state}</span>
			${one.state === null ? nothing : html`<div>${words.meanings[one.state]}</div>`}
		</dd>
		${line(words.cause, reading.cause)} ${line(words.since, one.since === null ? null : formatMoment(one.since, locale))}
		${line(words.nextTry, reading.nextTry)} ${line(words.paused, reading.pause)}
	</dl>`;
}

/** Who is signed in stands there: whoever isolated it could not close it again, so the hub refuses that. */
const NEEDED: ReadonlySet<PipelineKind> = new Set(["database", "sessions"]);

function deeds(one: PipelineItem, { words, cancel, asked, isBusy, ask, act }: PanelWorld): TemplateResult {
	if (one.state === null) {
		return html`<p>${words.noBreakerText}</p>`;
	}
	const button = (deed: Deed) => html`<button
		class="b ${deed === "isolate" ? "danger" : ""}" type="button" data-testid="resilience-${deed}"
		aria-expanded=${asked === deed ? "true" : "false"} ?disabled=${isBusy || one.state === DEED_ENDS[deed]} @click=${() => ask(deed)}
	>${words.acts[deed]}</button>`;
	const question = (deed: Deed) => html`<div role="group" aria-label=${words.acts[deed]}>
		<p data-testid="resilience-ask">${words.asks[deed]} ${deed === "isolate" ? words.isolated[one.kind] : nothing}</p>
		<div class="acts">
			<button
				class="b ${deed === "isolate" ? "danger" : "b-go"}" type="button" data-testid="resilience-yes" ?disabled=${isBusy}
				@click=${() => act(deed)}
			>${words.yes[deed]}</button>
			<button class="b" type="button" data-testid="resilience-no" @click=${() => ask(deed)}>${cancel}</button>
		</div>
	</div>`;
	const needed = NEEDED.has(one.kind);
	return html`<div class="acts">${DEEDS.filter((deed) => !(needed && deed === "isolate")).map(button)}</div>
		${needed ? html`<p data-testid="resilience-needed">${words.needed}</p>` : nothing}
		${asked === null ? nothing : question(asked)}`;
}

/** The chart as a table, for whoever cannot see it or wants the numbers. */
function twin({ history }: PipelineItem, { reading, words, locale }: PanelWorld): TemplateResult {
	return html`<details data-testid="chart-table">
		<summary>${words.asTable}</summary>
		<div class="bounded" tabindex="0" role="region" aria-label=${words.asTable}>
			<table>
				<caption>${words.asTable}</caption>
				<thead>
					<tr>
						<th scope="col">${words.minute}</th>
						<th scope="col" class="number">${words.calls}</th>
						<th scope="col" class="number">${words.failures}</th>
						<th scope="col" class="number">${words.turnedAway}</th>
						<th scope="col">${words.state}</th>
					</tr>
				</thead>
				<tbody>
					${minutes(history.points).map(
						({ at, calls, failures, rejected, states }) => html`<tr>
							<th scope="row">${formatTime(at, locale)}</th>
							<td class="number">${reading.count(calls)}</td>
							<td class="number">${reading.count(failures)}</td>
							<td class="number">${reading.count(rejected)}</td>
							<td>${states.map((state) => words.states[state]).join(", ") || "–"}</td>
						</tr>`,
					)}
				</tbody>
			</table>
		</div>
	</details>`;
}

/** What is counted against what opens it. */
function thresholds({ window, thresholds: limits }: PipelineItem, world: PanelWorld): TemplateResult | typeof nothing {
	if (window === null || limits === null) {
		return nothing;
	}
	const { reading, words, locale } = world;
	const share = (part: number) => {
		const told = words.failedOf(reading.count(part), reading.count(window.calls));
		return window.calls === 0 ? told : `${told} (${words.share(percent(part / window.calls, locale))})`;
	};
	const slow = limits.slowRate === null || limits.slowAfterSeconds === null;
	const rows: readonly (readonly [string, string, string])[] = [
		[
			words.measures.consecutive,
			reading.count(window.consecutive),
			limits.consecutive === null ? words.never : reading.count(limits.consecutive),
		],
		[
			`${words.measures.failures} ${words.inSeconds(duration(window.seconds, locale))}`,
			share(window.failures),
			limits.failureRate === null
				? words.never
				: words.shareFrom(percent(limits.failureRate, locale), reading.count(limits.minCalls)),
		],
		[
			words.measures.slow,
			share(window.slow),
			slow
				? words.never
				: words.slowFrom(percent(limits.slowRate ?? 0, locale), duration(limits.slowAfterSeconds ?? 0, locale)),
		],
	];
	return html`<section>
		<h4>${words.thresholds}</h4>
		<table data-testid="resilience-thresholds">
			<caption>${words.thresholds}</caption>
			<thead><tr><th scope="col">${words.measure}</th><th scope="col">${words.counted}</th><th scope="col">${words.limit}</th></tr></thead>
			<tbody>${rows.map(([name, now, limit]) => html`<tr><th scope="row">${name}</th><td>${now}</td><td>${limit}</td></tr>`)}</tbody>
		</table>
		<p>${afterwards(limits, world)}</p>
	</section>`;
}

function afterwards(limits: Thresholds, { reading, words, locale }: PanelWorld): string {
	const longest = limits.openMaxSeconds === null ? null : duration(limits.openMaxSeconds, locale);
	const open = duration(limits.openForSeconds, locale);
	return words.afterwards(open, longest, reading.count(limits.probes), reading.count(limits.closeAfter));
}

function load({ reading, words }: PanelWorld): TemplateResult {
	return html`<section>
		<h4>${words.load}</h4>
		<dl>
			<dt>${words.inFlight}</dt><dd>${reading.inFlight}</dd>
			<dt>${words.waiting}</dt><dd>${reading.queued}</dd>
		</dl>
	</section>`;
}

function totals(one: PipelineItem, { reading, words }: PanelWorld): TemplateResult {
	return html`<section>
		<h4>${words.totals}</h4>
		<dl data-testid="resilience-totals">
			${TOTALS.map((name) => html`<dt>${words.totalNames[name]}</dt><dd>${reading.count(one.totals[name])}</dd>`)}
		</dl>
		<h4>${words.turnedAway}</h4>
		${
			one.rejected.length === 0
				? html`<p>${words.nothingTurnedAway}</p>`
				: html`<dl data-testid="resilience-rejected">${reading.reasons.map(([reason, count]) => html`<dt>${reason}</dt><dd>${count}</dd>`)}</dl>`
		}
	</section>`;
}

function changes(one: PipelineItem, { reading, words, locale }: PanelWorld): TemplateResult {
	const name = (state: string) => words.states[knownState(state)];
	return html`<section>
		<h4>${words.changes}</h4>
		${
			one.changes.length === 0
				? html`<p>${words.noChanges}</p>`
				: html`<ol data-testid="resilience-changes">
						${one.changes.map(
							({ at, before, after, cause, by }) => html`<li>
								${words.change(name(before), name(after))}
								<small>${formatMoment(at, locale).replace(formatTime(at, locale), formatClock(at, locale))} · ${reading.why(cause, by)}</small>
							</li>`,
						)}
					</ol>`
		}
	</section>`;
}
