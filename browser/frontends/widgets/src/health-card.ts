import { defineElement, FeedCard, formatMoment, type RingState } from "@mainhub/sdk";
import { css, html, nothing, type TemplateResult } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import { type Check, type CheckState, type Health, parseHealth } from "./health.js";

const RING: Readonly<Record<CheckState, RingState>> = {
	fine: "fine",
	degraded: "degraded",
	failed: "failed",
	unknown: "none",
};

/** `<service-health>`: what the hub depends on, and since when it is as it is. */
export class ServiceHealth extends FeedCard<Health> {
	static override styles = [
		...FeedCard.styles,
		css`
			.line { display: flex; align-items: center; gap: var(--s3) }
			.line b { flex: 1; min-inline-size: 0 }
			.line span { text-align: end; font: var(--t-small); color: var(--ink-2) }
			small { margin-inline-start: calc(1rem + var(--s3)) }
		`,
	];

	protected override readonly path = "/healthz";
	protected override readonly testId = "service-health";
	protected override readonly periodSeconds = 10;

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	protected override parse(answer: unknown): Health {
		return parseHealth(answer);
	}

	protected override heading(): string {
		return this.words.health;
	}

	protected override ring({ status }: Health): RingState {
		return RING[status];
	}

	protected override source({ checks }: Health): string {
		return this.words.healthCount(checks.filter((check) => check.state === "fine").length, checks.length);
	}

	protected override body({ checks }: Health): TemplateResult {
		const { words } = this;
		return checks.length === 0
			? this.nothingYet(words.noChecks, words.noChecksText)
			: html`<ul class="lines">${checks.map((check) => this.#line(check))}</ul>`;
	}

	#line(check: Check): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const since = check.since === null ? "" : words.sinceTime(formatMoment(check.since, locale));
		const isIll = check.state !== "fine";
		return html`<li data-check=${check.name} data-state=${check.state}>
			<div class="line">
				<hub-ring state=${RING[check.state]}></hub-ring>
				<b>${check.titles[locale]}</b>
				<span>${words.states[check.state]}${since === "" ? nothing : html` ${since}`}</span>
			</div>
			${isIll && check.detail !== null ? html`<small>${check.detail}</small>` : nothing}
			${isIll && check.remedy !== null ? html`<small>${check.remedy}</small>` : nothing}
		</li>`;
	}
}

defineElement("service-health", ServiceHealth);
