import { defineElement, formatMoment } from "@mainhub/sdk";
import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AdminSection, matches } from "../section.js";
import { SESSIONS_PATH } from "../sessions/sessions.js";
import {
	ACCESS_PATH,
	type Access,
	bodyOf,
	type Choice,
	type Draft,
	GRANTS_PATH,
	type Granted,
	KINDS,
	type Kind,
	NO_DRAFT,
	parseAccess,
	peopleOf,
	type Wanted,
	wantedOf,
} from "./access.js";
import { filterChips, giveForm } from "./form.js";
import { holderName, holderTold, lastDay, rightsNamed, rightsTold } from "./told.js";
import "./why.js";
import { ACCESS_WORDS, type AccessWords } from "./words.js";

const FORM = "give";

/** `<admin-access>`: who is given what, a way to give and take back, and what somebody may do and why. */
export class AdminAccess extends AdminSection<Access> {
	static override properties: PropertyDeclarations = {
		...AdminSection.properties,
		kind: { state: true },
		draft: { state: true },
		people: { state: true },
		asking: { state: true },
		changes: { state: true },
	};

	static override styles = [
		...AdminSection.styles,
		css`
			:host { display: grid; gap: var(--s4); grid-template-columns: minmax(0, 1fr) }
			.chips { display: flex; flex-wrap: wrap; gap: var(--s1) }
			.chip { min-block-size: var(--ctl); padding: 0 var(--s3); border: 1px solid var(--line-control); border-radius: 999px; background: var(--card); color: var(--ink-2); font: var(--t-dense); cursor: pointer }
			.chip[aria-pressed="true"] { background: var(--accent-soft); border-color: var(--accent); color: var(--accent-ink); font-weight: var(--w-strong) }
			.chip:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus-ring) }
			aside form { display: grid; gap: var(--s3) }
			aside form small { color: var(--ink-2); font: var(--t-small) }
			.change { border-inline-start: 3px solid var(--ok-ink, var(--accent)); padding-inline-start: var(--s3); display: grid; gap: var(--s1); overflow-wrap: anywhere }
			.change.loses { border-color: var(--bad-ink) }
			th:first-child { min-inline-size: 7.5rem }
			@media (max-width: 640px) { .chip { min-block-size: 2.75rem } }
		`,
	];

	protected override readonly path = ACCESS_PATH;
	protected override readonly testId = "admin-access";

	/** Only what is given to these; `null`: to all. */
	declare kind: Kind | null;
	declare draft: Draft;
	/** Who can be chosen. */
	declare people: readonly Choice[];
	/** Taking back waits for a yes. */
	declare asking: boolean;
	/** How often something was changed here: what follows from it is asked anew then. */
	declare changes: number;

	constructor() {
		super();
		this.kind = null;
		this.draft = NO_DRAFT;
		this.people = [];
		this.asking = false;
		this.changes = 0;
	}

	override connectedCallback(): void {
		super.connectedCallback();
		void this.#meet();
	}

	override render() {
		return html`${super.render()}
			<admin-access-why .props=${this.props} .people=${this.people} .changes=${this.changes}></admin-access-why>`;
	}

	private get words(): AccessWords {
		return ACCESS_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): Access {
		return parseAccess(answer);
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

	protected override body(access: Access): TemplateResult {
		const { words, shared } = this;
		const { items } = access;
		const found = items.filter(({ to, roles, permissions, by }) =>
			matches(this.query, to.name, to.title, roles.join(" "), permissions.join(" "), by),
		);
		const shown = found.filter(({ to }) => this.kind === null || to.kind === this.kind);
		const list = html`<div class="bar">
				<button
					class="b b-go" type="button" data-testid="access-give" aria-expanded=${this.opened === FORM ? "true" : "false"}
					@click=${(event: Event) => this.openPanel(FORM, event.currentTarget)}
				>${words.give}</button>
				${filterChips(
					[null, ...KINDS].map((kind) => ({
						value: kind,
						label: kind === null ? words.all : words.kindsMany[kind],
						count: found.filter(({ to }) => kind === null || to.kind === kind).length,
					})),
					this.kind,
					words.filter,
					(kind) => {
						this.kind = kind;
					},
				)}
				${this.searchBox(words.search, shown.length, items.length)}
			</div>
			${
				items.length === 0
					? this.nothingYet(words.empty, words.emptyText)
					: shown.length === 0
						? this.nothingYet(shared.nothingFound(this.query), shared.nothingFoundText)
						: this.#table(shown)
			}`;
		return this.split(list, this.#panelOf(access));
	}

	#table(shown: readonly Granted[]): TemplateResult {
		const { words } = this;
		return html`<table>
			<caption>${words.heading}</caption>
			<thead>
				<tr>
					<th scope="col">${words.holder}</th>
					<th scope="col">${words.gives}</th>
					<th scope="col" class="wide">${words.from}</th>
					<th scope="col" class="wide">${words.until}</th>
				</tr>
			</thead>
			<tbody>${repeat(
				shown,
				(one) => one.key,
				(one) => this.#row(one),
			)}</tbody>
		</table>`;
	}

	#row(one: Granted): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const until = one.until === null ? words.forGood : lastDay(one.until, locale);
		return html`<tr data-access=${one.key} data-source=${one.source} aria-selected=${this.opened === one.key ? "true" : "false"}>
			<td>${this.opener(one.key, holderName(one.to))}<small>${words.kinds[one.to.kind]}</small></td>
			<td>
				${rightsNamed(one, locale) || words.nothing}
				<small class="narrow">${this.#origin(one)}${one.until === null ? "" : ` · ${until}`}</small>
			</td>
			<td class="wide">${one.source === "settings" ? words.settings : words.runTime}<small>${one.source === "settings" ? nothing : this.#origin(one)}</small></td>
			<td class="wide">${until}</td>
		</tr>`;
	}

	#origin({ source, by, at }: Granted): string {
		const { words } = this;
		if (source === "settings") {
			return words.settings;
		}
		return words.givenBy(by ?? "?", at === null ? "?" : formatMoment(at, this.props.locale));
	}

	#panelOf(access: Access): TemplateResult | null {
		if (this.opened === FORM) {
			return this.#form(access);
		}
		const one = access.items.find(({ key }) => key === this.opened);
		return one === undefined ? null : this.#panel(one);
	}

	#panel(one: Granted): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		return this.panel(
			holderName(one.to),
			html`<dl>
					<dt>${words.holder}</dt><dd>${words.kinds[one.to.kind]}</dd>
					<dt>${words.id}</dt><dd class="mono">${one.to.name}</dd>
					<dt>${words.roles}</dt><dd>${one.roles.join(", ") || words.nothing}</dd>
					<dt>${words.permissions}</dt><dd class="mono">${one.permissions.join(", ") || words.nothing}</dd>
					<dt>${words.from}</dt><dd>${this.#origin(one)}</dd>
					<dt>${words.until}</dt><dd>${one.until === null ? words.forGood : lastDay(one.until, locale)}</dd>
				</dl>
				${one.id === null ? html`<p>${words.fixed(`[access.${one.to.kind}s] (${one.to.kind === "role" ? "role" : "id"} = "${one.to.name}")`)}</p>` : this.#taking(one)}`,
		);
	}

	#taking(one: Granted): TemplateResult {
		const { words } = this;
		const button = html`<div class="acts">
			<button
				class="b danger" type="button" data-testid="access-take" aria-expanded=${this.asking ? "true" : "false"} ?disabled=${this.busy}
				@click=${this.#ask}
			>${words.take}</button>
		</div>`;
		if (!this.asking) {
			return button;
		}
		return html`${button}
			<div class="change loses" data-testid="access-ask">
				<p>${words.loses(holderTold(one.to, words), rightsTold(one, this.props.locale))}</p>
				<p>${words.stays} ${words.at}</p>
			</div>
			<div class="acts">
				<button class="b danger" type="button" data-testid="access-take-yes" ?disabled=${this.busy} @click=${() => this.#take(one)}>${words.takeYes}</button>
				<button class="b" type="button" @click=${this.#ask}>${this.shared.cancel}</button>
			</div>`;
	}

	#form(access: Access): TemplateResult {
		const choices = this.#choices(access);
		const wanted = wantedOf(this.draft, choices);
		return this.panel(
			this.words.give,
			giveForm({
				words: this.words,
				locale: this.props.locale,
				draft: this.draft,
				access,
				choices,
				wanted,
				isBusy: this.busy,
				type: (draft) => {
					this.draft = { ...this.draft, ...draft };
				},
				give: () => wanted !== null && void this.#give(wanted),
			}),
		);
	}

	/** Returns what can be chosen for the kind that is being given to. */
	#choices({ items, knownRoles }: Access): readonly Choice[] {
		switch (this.draft.kind) {
			case "person":
				return this.people;
			case "role":
				return knownRoles.map((name) => ({ name, label: name, title: null }));
			case "group":
				return items
					.filter(({ to }) => to.kind === "group")
					.map(({ to }) => ({ name: to.name, label: holderName(to), title: to.title }))
					.filter((one, place, all) => all.findIndex(({ name }) => name === one.name) === place);
		}
	}

	/** Learns who is signed in; without, ids can still be typed. */
	async #meet(): Promise<void> {
		try {
			this.people = peopleOf(await this.props.api(SESSIONS_PATH, { background: true, signal: this.props.signal }));
		} catch (error) {
			console.warn("Who is signed in is not known here:", error);
		}
	}

	readonly #ask = (): void => {
		this.asking = !this.asking;
		const wanted = this.asking ? "access-take-yes" : "access-take";
		void this.updateComplete.then(() => this.focusOn(wanted));
	};

	async #give(wanted: Wanted): Promise<void> {
		const { words } = this;
		const isDone = await this.deed(
			words.giving,
			() => this.props.api(GRANTS_PATH, { method: "POST", body: bodyOf(wanted) }),
			words.given(holderTold(wanted.to, words)),
		);
		this.changes += 1;
		if (isDone) {
			this.draft = NO_DRAFT;
			this.closePanel();
		}
	}

	async #take(one: Granted): Promise<void> {
		const { words } = this;
		this.asking = false;
		const isDone = await this.deed(
			words.taking,
			() => this.props.api(`${GRANTS_PATH}/${encodeURIComponent(one.id ?? "")}`, { method: "DELETE" }),
			words.taken(holderTold(one.to, words)),
		);
		this.changes += 1;
		if (isDone) {
			this.closePanel();
			await this.updateComplete;
			this.focusOn("access-give");
		}
	}

	protected override openPanel(key: string, opener: EventTarget | null): void {
		this.asking = false;
		super.openPanel(key, opener);
	}
}

defineElement("admin-access", AdminAccess);
