import { defineElement, formatChoice, formatMoment, type RingState } from "@mainhub/sdk";
import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AdminSection, matches } from "../section.js";
import {
	EVERYONE,
	FRONTENDS_PATH,
	parseRegistry,
	type Registered,
	readRoles,
	roleChange,
	worstFirst,
} from "./frontends.js";
import { FRONTEND_WORDS, type FrontendWords } from "./words.js";

type Change = Readonly<Partial<Pick<Registered, "active" | "roles">>>;

/** What a change can be taken back to. */
interface Undo {
	readonly name: string;
	readonly title: string;
	/** The fields that were changed, and no others: those may be somebody else’s by now. */
	readonly before: Change;
}

/** `<admin-frontends>`: which front-ends there are, who may open them, and a switch for each. */
export class AdminFrontends extends AdminSection<readonly Registered[]> {
	static override properties: PropertyDeclarations = {
		...AdminSection.properties,
		draft: { state: true },
		asking: { state: true },
		undo: { state: true },
	};

	protected override readonly path = FRONTENDS_PATH;
	protected override readonly testId = "admin-frontends";

	/** The roles as they are being typed; `null`: as they stand. */
	declare draft: string | null;
	declare undo: Undo | null;
	/** Opening or closing waits for a yes. */
	declare asking: boolean;

	constructor() {
		super();
		this.draft = null;
		this.undo = null;
		this.asking = false;
	}

	private get words(): FrontendWords {
		return FRONTEND_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): readonly Registered[] {
		return worstFirst(parseRegistry(answer));
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override listen(end: AbortSignal): void {
		const offs = [
			this.props.bus.on("cache:invalidated", () => this.refresh()),
			this.props.bus.on("gap", () => this.refresh()),
		];
		end.addEventListener("abort", () => offs.map((off) => off()), { once: true });
	}

	protected override body(list: readonly Registered[]): TemplateResult {
		const { words, shared } = this;
		const { locale } = this.props;
		if (list.length === 0) {
			return this.nothingYet(words.empty, words.emptyText);
		}
		const shown = list.filter((one) => matches(this.query, one.name, one.titles[locale], one.roles.join(" ")));
		const opened = list.find((one) => one.name === this.opened) ?? null;
		const table = html`<div class="bar">${this.#undoButton()} ${this.searchBox(words.search, shown.length, list.length)}</div>
			${
				shown.length === 0
					? this.nothingYet(shared.nothingFound(this.query), shared.nothingFoundText)
					: html`<table>
							<caption>${words.heading}</caption>
							<thead>
								<tr>
									<th scope="col">${words.name}</th>
									<th scope="col">${words.state}</th>
									<th scope="col" class="wide">${words.roles}</th>
									<th scope="col" class="wide">${words.routes}</th>
									<th scope="col">${words.changed}</th>
								</tr>
							</thead>
							<tbody>${repeat(
								shown,
								(one) => one.name,
								(one) => this.#row(one),
							)}</tbody>
						</table>`
			}`;
		return this.split(table, opened === null ? null : this.#panel(opened));
	}

	#row(one: Registered): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const when = one.changedAt === null ? null : formatMoment(one.changedAt, locale);
		return html`<tr data-frontend=${one.name} aria-selected=${this.opened === one.name ? "true" : "false"}>
			<td>${this.opener(one.name, one.titles[locale])}<small>${one.name}</small></td>
			<td><span class="state"><hub-ring state=${RING[stateOf(one)]}></hub-ring>${words[stateOf(one)]}</span></td>
			<td class="wide">${this.#roles(one.roles)}</td>
			<td class="wide mono">${one.routes.join(" ")}</td>
			<td>${when === null ? words.never : words.changedBy(one.changedBy ?? "?", when)}</td>
		</tr>`;
	}

	#roles(roles: readonly string[]): string {
		const { words } = this;
		return roles.map((role) => (role === EVERYONE ? words.everyone : role)).join(", ") || words.nobody;
	}

	#panel(one: Registered): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const title = one.titles[locale];
		const typed = this.draft ?? one.roles.join("\n");
		const change = roleChange(one.roles, readRoles(typed));
		const isChanged = change.gained.length + change.lost.length > 0;
		return this.panel(
			title,
			html`<dl>
					<dt>${words.kind}</dt><dd>${one.shipped ? words.shipped : words.registered}</dd>
					<dt>${words.cards}</dt><dd>${one.widgets}</dd>
					<dt>${words.generation}</dt><dd>${one.generation}</dd>
					${
						one.changed.length === 0
							? nothing
							: html`<dt>${words.fields}</dt><dd>${one.changed.map((field) => words.fieldNames[field] ?? field).join(", ")}</dd>`
					}
				</dl>
				<div class="acts">
					<button
						class="b" type="button" data-testid="frontend-switch" aria-expanded=${this.asking ? "true" : "false"} ?disabled=${this.busy}
						@click=${this.#ask}
					>${one.active ? words.close : words.reopen}</button>
				</div>
				${this.asking ? this.#question(one) : nothing}
				<label class="field">
					${words.editRoles}
					<textarea
						data-testid="frontend-roles" aria-describedby="roles-help" .value=${typed} ?disabled=${this.busy}
						@input=${(event: InputEvent) => {
							this.draft = (event.target as HTMLTextAreaElement).value;
						}}
					></textarea>
				</label>
				<p id="roles-help">${words.editHelp}</p>
				<p role="status" data-testid="frontend-diff">
					${isChanged ? nothing : words.unchanged}
					${change.gained.length === 0 ? nothing : words.gained(formatChoice(change.gained, locale))}
					${change.lost.length === 0 ? nothing : words.lost(formatChoice(change.lost, locale))}
				</p>
				<div class="acts">
					<button
						class="b b-go" type="button" data-testid="frontend-apply" ?disabled=${this.busy || !isChanged}
						@click=${() => this.#applyRoles(one, readRoles(typed))}
					>${words.apply}</button>
				</div>`,
		);
	}

	#question(one: Registered): TemplateResult {
		const { words } = this;
		return html`<p>${one.active ? words.closeText : words.openText}</p>
			<div class="acts">
				<button
					class="b ${one.active ? "danger" : "b-go"}" type="button" data-testid="frontend-switch-yes" ?disabled=${this.busy}
					@click=${() => this.#switch(one)}
				>${one.active ? words.closeYes : words.openYes}</button>
				<button class="b" type="button" @click=${this.#ask}>${this.shared.cancel}</button>
			</div>`;
	}

	readonly #ask = (): void => {
		this.asking = !this.asking;
		const wanted = this.asking ? "frontend-switch-yes" : "frontend-switch";
		void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`[data-testid=${wanted}]`)?.focus());
	};

	#undoButton(): TemplateResult | typeof nothing {
		const { undo, words } = this;
		return undo === null
			? nothing
			: html`<button class="b" type="button" data-testid="frontend-undo" ?disabled=${this.busy} @click=${() => this.#undo(undo)}>
					<hub-icon name="redo"></hub-icon>${words.undo}: ${undo.title}
				</button>`;
	}

	#switch(one: Registered): void {
		this.asking = false;
		const title = one.titles[this.props.locale];
		const done = one.active ? this.words.closedNow(title) : this.words.openedNow(title);
		void this.#change(one, { active: !one.active }, done);
	}

	async #applyRoles(one: Registered, roles: readonly string[]): Promise<void> {
		if (await this.#change(one, { roles }, this.words.rolesNow(one.titles[this.props.locale]))) {
			this.draft = null;
		}
	}

	async #change(one: Registered, change: Change, done: string): Promise<boolean> {
		const title = one.titles[this.props.locale];
		const isDone = await this.deed(
			this.words.changing(title),
			() =>
				this.props.api(`/hub/v1/frontends/${encodeURIComponent(one.name)}`, {
					method: "PATCH",
					body: { generation: one.generation, ...change },
				}),
			done,
		);
		if (isDone) {
			const before: Change = {
				...(change.active === undefined ? {} : { active: one.active }),
				...(change.roles === undefined ? {} : { roles: one.roles }),
			};
			this.undo = { name: one.name, title, before };
		}
		return isDone;
	}

	async #undo(undo: Undo): Promise<void> {
		const list = this.state.kind === "fresh" || this.state.kind === "stale" ? this.state.value : [];
		const now = list.find((one) => one.name === undo.name);
		if (now !== undefined && (await this.#change(now, undo.before, this.words.undone(undo.title)))) {
			this.undo = null;
			this.draft = null;
		}
	}

	protected override openPanel(key: string, opener: EventTarget | null): void {
		this.draft = null;
		this.asking = false;
		super.openPanel(key, opener);
	}
}

type State = "open" | "closed" | "nobody" | "missing";

const RING: Readonly<Record<State, RingState>> = {
	open: "fine",
	closed: "none",
	nobody: "degraded",
	missing: "failed",
};

function stateOf(one: Registered): State {
	if (!one.isBuilt) {
		return "missing";
	}
	if (!one.active) {
		return "closed";
	}
	return one.roles.length === 0 ? "nobody" : "open";
}

defineElement("admin-frontends", AdminFrontends);
