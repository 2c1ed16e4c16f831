import { defineElement } from "@mainhub/sdk";
import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { AdminSection, matches } from "../section.js";
import { CONFIGURATION_PATH, LOG_LEVELS, parseConfiguration, type Setting } from "./configuration.js";
import { CONFIGURATION_WORDS, type ConfigurationWords } from "./words.js";

/** `<admin-configuration>`: every setting, its value and its source; what may change at run time can be changed. */
export class AdminConfiguration extends AdminSection<readonly Setting[]> {
	static override properties: PropertyDeclarations = { ...AdminSection.properties, onlySet: { state: true } };

	protected override readonly path = CONFIGURATION_PATH;
	protected override readonly testId = "admin-configuration";

	/** Leaves out what nobody set. */
	declare onlySet: boolean;

	constructor() {
		super();
		this.onlySet = false;
	}

	private get words(): ConfigurationWords {
		return CONFIGURATION_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): readonly Setting[] {
		return parseConfiguration(answer);
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override body(list: readonly Setting[]): TemplateResult {
		const { words, shared } = this;
		if (list.length === 0) {
			return this.nothingYet(words.empty, words.emptyText);
		}
		const shown = list.filter(
			(one) => matches(this.query, one.key, one.value, one.source) && !(this.onlySet && one.source === "default"),
		);
		const table = html`<div class="bar">
				${this.searchBox(words.search, shown.length, list.length)}
				<label>
					<input
						type="checkbox" data-testid="only-set" .checked=${this.onlySet}
						@change=${(event: Event) => {
							this.onlySet = (event.target as HTMLInputElement).checked;
						}}
					/>
					${words.onlySet}
				</label>
			</div>
			${
				shown.length === 0
					? this.nothingYet(shared.nothingFound(this.query), shared.nothingFoundText)
					: html`<table>
							<caption>${words.heading}</caption>
							<thead>
								<tr>
									<th scope="col">${words.key}</th>
									<th scope="col">${words.value}</th>
									<th scope="col" class="wide">${words.from}</th>
								</tr>
							</thead>
							<tbody>${shown.map((one) => this.#row(one))}</tbody>
						</table>`
			}`;
		return this.split(table, null);
	}

	#row(one: Setting): TemplateResult {
		return html`<tr data-setting=${one.key}>
			<td><span class="mono">${one.key}</span><small class="narrow">${one.source}</small></td>
			<td>${one.isChangeable ? this.#choice(one) : this.#value(one)}</td>
			<td class="wide">${one.source}</td>
		</tr>`;
	}

	#value(one: Setting): TemplateResult {
		const { words } = this;
		const badge = one.isSecret
			? html` <fluent-badge appearance="tint" color="informative">${words.secret}</fluent-badge>`
			: nothing;
		return html`<span class="mono">${one.value === null || one.value === "" ? words.notSet : one.value}</span>${badge}`;
	}

	#choice(one: Setting): TemplateResult {
		return html`<select
			aria-label=${this.words.change(one.key)} data-testid="setting-choice" ?disabled=${this.busy}
			@change=${(event: Event) => this.#change(one, (event.target as HTMLSelectElement).value)}
		>
			${LOG_LEVELS.map((level) => html`<option value=${level} .selected=${level === one.value}>${level}</option>`)}
		</select>`;
	}

	#change(one: Setting, value: string): void {
		const { words } = this;
		const path = `${CONFIGURATION_PATH}/${encodeURIComponent(one.key)}`;
		void this.deed(
			words.changing(one.key),
			() => this.props.api(path, { method: "PATCH", body: { value } }),
			words.changed(one.key, value),
		);
	}
}

defineElement("admin-configuration", AdminConfiguration);
