import { defineElement, formatClock, formatMoment, NBSP, type RingState } from "@mainhub/sdk";
import { html, nothing, type TemplateResult } from "lit";
import { AdminSection } from "../section.js";
import { type CheckResult, type CheckState, HEALTH_PATH, type Health, parseHealth } from "./health.js";
import { HEALTH_WORDS, type HealthWords } from "./words.js";

const RING: Readonly<Record<CheckState, RingState>> = {
	fine: "fine",
	degraded: "degraded",
	failed: "failed",
	unknown: "loading",
};

/** `<admin-health>`: what stands behind the hub, how it is and since when, and what to do about it. */
export class AdminHealth extends AdminSection<Health> {
	protected override readonly path = HEALTH_PATH;
	protected override readonly testId = "admin-health";
	protected override readonly periodSeconds = 5;

	private get words(): HealthWords {
		return HEALTH_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): Health {
		return parseHealth(answer);
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override ring({ status }: Health): RingState {
		return RING[status];
	}

	protected override source({ process }: Health): string {
		const { words } = this;
		return process === null
			? words.source
			: words.process(process.version, process.pid, formatMoment(process.startedAt, this.props.locale));
	}

	protected override body({ status, checks }: Health): TemplateResult {
		const { words } = this;
		if (checks.length === 0) {
			return this.nothingYet(words.empty, words.emptyText);
		}
		return html`${this.mishapLine()}
			<div class="bar">
				<span class="state" data-testid="health-status" data-status=${status}><hub-ring state=${RING[status]}></hub-ring></span>
				<strong>${words.summary[status]}</strong>
				<button class="b" type="button" data-testid="health-fresh" ?disabled=${this.busy} @click=${this.#fresh}>
					<hub-icon name="redo"></hub-icon>${words.fresh}
				</button>
			</div>
			<div class="list" tabindex="0" role="region" aria-label=${words.what}>
				<table>
					<caption>${words.heading}</caption>
					<thead>
						<tr>
							<th scope="col">${words.what}</th>
							<th scope="col">${words.state}</th>
							<th scope="col" class="wide">${words.found}</th>
							<th scope="col">${words.since}</th>
							<th scope="col" class="wide">${words.last}</th>
							<th scope="col" class="wide">${words.next}</th>
							<th scope="col" class="wide number">${words.took}</th>
						</tr>
					</thead>
					<tbody>${checks.map((one) => this.#row(one))}</tbody>
				</table>
			</div>`;
	}

	#row(one: CheckResult): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const clock = (date: Date | null) => (date === null ? "–" : formatClock(date, locale));
		const told = [one.detail, one.remedy].filter((text) => text !== null).join(" ");
		const found = html`${one.detail ?? ""}${one.remedy === null ? nothing : html`<small>${one.remedy}</small>`}`;
		return html`<tr data-check=${one.name} data-state=${one.state}>
			<td>${one.title}<small>${words.kinds[one.kind] ?? one.kind} · ${words.criticalities[one.criticality]}</small></td>
			<td><span class="state"><hub-ring state=${RING[one.state]}></hub-ring>${words.states[one.state]}</span>${told === "" ? nothing : html`<small class="narrow">${told}</small>`}</td>
			<td class="wide">${found}</td>
			<td class="when">${formatMoment(one.since, locale)}</td>
			<td class="wide">${clock(one.checkedAt)}</td>
			<td class="wide">${clock(one.nextAt)}</td>
			<td class="wide number">${one.tookMs === null ? "–" : `${Math.round(one.tookMs)}${NBSP}ms`}</td>
		</tr>`;
	}

	readonly #fresh = (): void => {
		const { words } = this;
		void this.deed(words.looking, () => this.props.api(`${HEALTH_PATH}?fresh=1`, { timeoutSeconds: 20 }), words.looked);
	};
}

defineElement("admin-health", AdminHealth);
