import { defineElement, formatClock, formatMoment, type RingState } from "@mainhub/sdk";
import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AdminSection } from "../section.js";
import {
	AUDIT_PATH,
	type AuditEntry,
	type AuditPage,
	differences,
	type Filters,
	OUTCOMES,
	type Outcome,
	parseAudit,
	queryOf,
	targetOf,
} from "./audit.js";
import { AUDIT_WORDS, type AuditWords } from "./words.js";

const RING: Readonly<Record<Outcome, RingState>> = { done: "fine", refused: "refused", failed: "failed" };

/** `<admin-audit>`: who did what, with which right; filtered, paged, exported. */
export class AdminAudit extends AdminSection<AuditPage> {
	static override properties: PropertyDeclarations = {
		...AdminSection.properties,
		filters: { state: true },
		older: { state: true },
		next: { state: true },
	};

	protected override readonly testId = "admin-audit";

	declare filters: Filters;
	/** Further pages, in their order. */
	declare older: readonly AuditEntry[];
	/** Where the page after *older* begins; `undefined`: no further page was asked for. */
	declare next: number | null | undefined;

	constructor() {
		super();
		this.filters = {};
		this.older = [];
		this.next = undefined;
	}

	protected override get path(): string {
		const query = queryOf(this.filters);
		return query === "" ? AUDIT_PATH : `${AUDIT_PATH}?${query}`;
	}

	private get words(): AuditWords {
		return AUDIT_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): AuditPage {
		return parseAudit(answer);
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override body(page: AuditPage): TemplateResult {
		const { words } = this;
		const known = new Set(page.items.map((one) => one.id));
		const items = [...page.items, ...this.older.filter((one) => !known.has(one.id))];
		const opened = items.find((one) => String(one.id) === this.opened) ?? null;
		const next = this.next === undefined ? page.next : this.next;
		const list = html`${this.#filters(page.actions)}
			${
				items.length === 0
					? this.nothingYet(words.none, words.noneText)
					: html`<table>
								<caption>${words.heading}</caption>
								<thead>
									<tr>
										<th scope="col">${words.when}</th>
										<th scope="col">${words.action}</th>
										<th scope="col">${words.person}</th>
										<th scope="col" class="wide">${words.target}</th>
										<th scope="col">${words.outcome}</th>
									</tr>
								</thead>
								<tbody>${repeat(
									items,
									(one) => one.id,
									(one) => this.#row(one),
								)}</tbody>
							</table>
							<div class="bar">
								${
									next === null
										? html`<span>${words.end}</span>`
										: html`<button class="b" type="button" data-testid="audit-more" ?disabled=${this.busy} @click=${() => this.#more(next)}>${words.more}</button>`
								}
							</div>`
			}`;
		return this.split(list, opened === null ? null : this.#panel(opened));
	}

	#filters(actions: readonly string[]): TemplateResult {
		const { words } = this;
		const query = queryOf(this.filters);
		return html`<div class="bar" data-testid="audit-filters">
			${this.#choice("action", words.action, actions, (action) => words.actions[action] ?? action)}
			${this.#choice("outcome", words.outcome, OUTCOMES, (outcome) => words.outcomes[outcome as Outcome])}
			${this.#text("person", words.person, "search")} ${this.#text("target", words.target, "search")}
			${this.#text("since", words.since, "date")} ${this.#text("until", words.until, "date")}
			<button class="b" type="button" data-testid="audit-clear" ?disabled=${query === ""} @click=${() => this.#filter({})}>${words.clear}</button>
			<a class="b end" data-testid="audit-export" href=${`${AUDIT_PATH}/export${query === "" ? "" : `?${query}`}`} download>${words.export}</a>
		</div>`;
	}

	#choice(
		name: "action" | "outcome",
		label: string,
		values: readonly string[],
		told: (value: string) => string,
	): TemplateResult {
		return html`<label class="field">
			${label}
			<select
				data-testid=${`audit-${name}`}
				@change=${(event: Event) => this.#filter({ ...this.filters, [name]: (event.target as HTMLSelectElement).value })}
			>
				<option value="" .selected=${!this.filters[name]}>${this.words.any}</option>
				${values.map((value) => html`<option value=${value} .selected=${this.filters[name] === value}>${told(value)}</option>`)}
			</select>
		</label>`;
	}

	#text(name: "person" | "target" | "since" | "until", label: string, type: string): TemplateResult {
		return html`<label class="field">
			${label}
			<input
				type=${type} data-testid=${`audit-${name}`} .value=${this.filters[name] ?? ""}
				@change=${(event: Event) => this.#filter({ ...this.filters, [name]: (event.target as HTMLInputElement).value })}
			/>
		</label>`;
	}

	#row(one: AuditEntry): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		return html`<tr data-entry=${one.id} data-action=${one.action} aria-selected=${this.opened === String(one.id) ? "true" : "false"}>
			<td class="when">${formatMoment(one.at, locale)}</td>
			<td>${this.opener(String(one.id), words.actions[one.action] ?? one.action)}</td>
			<td>${one.person?.name ?? words.nobody}</td>
			<td class="wide">${one.target === null ? words.nothing : html`${targetOf(one)}<small>${one.target.kind}</small>`}</td>
			<td><span class="state"><hub-ring state=${RING[one.outcome]}></hub-ring>${words.outcomes[one.outcome]}</span></td>
		</tr>`;
	}

	#panel(one: AuditEntry): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const row = (name: string, value: string | null) =>
			value === null ? nothing : html`<dt>${name}</dt><dd>${value}</dd>`;
		const changes = differences(one.before, one.after);
		return this.panel(
			words.actions[one.action] ?? one.action,
			html`<dl>
					${row(words.when, `${formatMoment(one.at, locale)} (${formatClock(one.at, locale)})`)}
					${row(words.outcome, words.outcomes[one.outcome])} ${row(words.person, one.person?.name ?? words.nobody)}
					${row(words.address, one.address)} ${row(words.right, one.right)}
					${row(words.target, one.target === null ? null : `${one.target.kind} ${one.target.name}`)}
					${row(words.detail, one.detail)}
					<dt>${words.trace}</dt>
					<dd class="mono">${one.traceId}</dd>
				</dl>
				<div class="acts">
					<button class="b" type="button" @click=${() => this.#copy(one.traceId)}><hub-icon name="copy"></hub-icon>${words.copy}</button>
				</div>
				${
					changes.length === 0
						? nothing
						: html`<h3>${words.changed}</h3>
								<div class="list" tabindex="0" role="region" aria-label=${words.changed}>
									<table data-testid="audit-changes">
										<thead>
											<tr><th scope="col">${words.field}</th><th scope="col">${words.before}</th><th scope="col">${words.after}</th></tr>
										</thead>
										<tbody>
											${changes.map(
												(change) => html`<tr>
													<td class="type">${words.fields[change.field] ?? change.field}</td>
													<td class="mono">${change.before ?? words.nothing}</td>
													<td class="mono">${change.after ?? words.nothing}</td>
												</tr>`,
											)}
										</tbody>
									</table>
								</div>`
				}`,
		);
	}

	#filter(filters: Filters): void {
		this.filters = filters;
		this.older = [];
		this.next = undefined;
		this.retry();
	}

	#more(before: number): void {
		const { path } = this;
		const separator = path.includes("?") ? "&" : "?";
		void this.deed(this.words.loadingMore, async () => {
			const page = parseAudit(await this.props.api(`${path}${separator}before=${before}`));
			if (path !== this.path) {
				// Of filters that are no more.
				return;
			}
			this.older = [...this.older, ...page.items];
			this.next = page.next;
		});
	}

	#copy(trace: string): void {
		navigator.clipboard?.writeText(trace).then(
			() => this.props.notify(this.shared.copied, "success"),
			() => {},
		);
	}
}

defineElement("admin-audit", AdminAudit);
