import { defineElement, type RingState } from "@mainhub/sdk";
import { css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { AdminSection, matches } from "../section.js";
import { type Choice, readNames } from "./access.js";
import {
	AREAS,
	type Explained,
	explainPath,
	type Matter,
	parseExplained,
	type Shown,
	type Subject,
	shownOf,
} from "./explained.js";
import { filterChips } from "./form.js";
import { reasonsTold, whenceTold } from "./told.js";
import { ACCESS_WORDS, type AccessWords } from "./words.js";

const SHOWN: readonly Shown[] = ["all", "allowed", "refused"];

/** `<admin-access-why>`: what somebody may do, and the reason of each answer. */
export class AdminAccessWhy extends AdminSection<Explained> {
	static override properties: PropertyDeclarations = {
		...AdminSection.properties,
		people: { attribute: false },
		changes: { attribute: false },
		subject: { state: true },
		typing: { state: true },
		shown: { state: true },
	};

	static override styles = [
		...AdminSection.styles,
		css`
			.chips { display: flex; flex-wrap: wrap; gap: var(--s1) }
			.chip { min-block-size: var(--ctl); padding: 0 var(--s3); border: 1px solid var(--line-control); border-radius: 999px; background: var(--card); color: var(--ink-2); font: var(--t-dense); cursor: pointer }
			.chip[aria-pressed="true"] { background: var(--accent-soft); border-color: var(--accent); color: var(--accent-ink); font-weight: var(--w-strong) }
			.chip:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus-ring) }
			form.bar { border-block-start: 0 }
			.warn { padding: 0 var(--s4) var(--s3); color: var(--warn-ink) }
			.held { padding: 0 var(--s4) var(--s3); font: var(--t-dense) } .held ul { display: grid; gap: .25rem; margin-block-start: var(--s1) }
			.held li, td li { overflow-wrap: anywhere }
			th:first-child { min-inline-size: 6.5rem }
			@media (max-width: 640px) { .chip { min-block-size: 2.75rem } form.bar select, form.bar .b { inline-size: 100% } }
		`,
	];

	protected override readonly testId = "admin-access-why";
	protected override readonly periodSeconds = 30;

	declare people: readonly Choice[];
	declare changes: number;
	declare subject: Subject | null;
	/** What is typed, until it is asked for. */
	declare typing: { readonly by: "person" | "rights"; readonly roles: string; readonly groups: string };
	declare shown: Shown;

	constructor() {
		super();
		this.people = [];
		this.changes = 0;
		this.subject = null;
		this.typing = { by: "person", roles: "", groups: "" };
		this.shown = "all";
	}

	protected override get path(): string {
		return explainPath(this.subject ?? { person: this.props.user.id });
	}

	protected override updated(changed: PropertyValues): void {
		super.updated(changed);
		if (changed.has("changes") && changed.get("changes") !== undefined) {
			this.retry();
		}
	}

	private get words(): AccessWords {
		return ACCESS_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): Explained {
		return parseExplained(answer);
	}

	protected override heading(): string {
		return this.words.whyHeading;
	}

	protected override source(): string {
		return this.words.whySource;
	}

	protected override body(found: Explained): TemplateResult {
		const { words, shared } = this;
		const { locale } = this.props;
		const items = found.items.filter((one) => matches(this.query, one.name, one.titles?.[locale] ?? null));
		const shown = shownOf(items, this.shown);
		return html`${this.#form()} ${this.mishapLine()} ${found.groupsKnown ? nothing : html`<p class="warn">${words.groupsUnknown}</p>`}
			${this.#held(found)}
			<div class="bar">
				${filterChips(
					SHOWN.map((value) => ({ value, label: words.shown[value], count: shownOf(items, value).length })),
					this.shown,
					words.answer,
					(value) => {
						this.shown = value;
					},
				)}
				${this.searchBox(shared.search, shown.length, found.items.length)}
			</div>
			${shown.length === 0 ? this.nothingYet(words.nothingHere, words.nothingHereText) : this.#table(shown)}`;
	}

	#form(): TemplateResult {
		const { words, typing } = this;
		return html`<form class="bar" data-testid="why-form" @submit=${this.#submit}>
			<label class="field">
				${words.subject}
				<select
					data-testid="why-by"
					@change=${(event: Event) => {
						const by = (event.target as HTMLSelectElement).value === "rights" ? "rights" : "person";
						this.typing = { ...typing, by };
					}}
				>
					<option value="person" .selected=${typing.by === "person"}>${words.subjects.person}</option>
					<option value="rights" .selected=${typing.by === "rights"}>${words.subjects.rights}</option>
				</select>
			</label>
			${
				typing.by === "person"
					? this.#person()
					: html`${this.#text("roles", words.roles)} ${this.#text("groups", words.groups)}
				<button class="b b-go" type="submit" data-testid="why-ask">${words.ask}</button>`
			}
		</form>`;
	}

	/** Chosen is asked: there is nothing more to say. */
	#person(): TemplateResult {
		const { words } = this;
		const { user } = this.props;
		const now = this.subject !== null && "person" in this.subject ? this.subject.person : user.id;
		const known = this.people.some(({ name }) => name === user.id);
		const all = known ? this.people : [{ name: user.id, label: user.name, title: user.name }, ...this.people];
		return html`<label class="field">
			${words.person}
			<select data-testid="why-person" @change=${(event: Event) => this.#about({ person: (event.target as HTMLSelectElement).value })}>
				${all.map(({ name, label }) => html`<option value=${name} .selected=${name === now}>${label}</option>`)}
			</select>
		</label>`;
	}

	#text(name: "roles" | "groups", label: string): TemplateResult {
		return html`<label class="field">
			${label}
			<input
				type="text" autocomplete="off" spellcheck="false" data-testid=${`why-${name}`} .value=${this.typing[name]}
				@input=${(event: InputEvent) => {
					this.typing = { ...this.typing, [name]: (event.target as HTMLInputElement).value };
				}}
			/>
		</label>`;
	}

	readonly #submit = (event: Event): void => {
		event.preventDefault();
		const [roles, groups] = [readNames(this.typing.roles), readNames(this.typing.groups)];
		if (roles.length + groups.length > 0) {
			this.#about({ roles, groups });
		}
	};

	#about(subject: Subject): void {
		this.subject = subject;
		this.retry();
	}

	#held({ held, person }: Explained): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		return html`<div class="held" data-testid="why-held">
			<h3>${words.has(person ?? words.unnamed)}</h3>
			${
				held.length === 0
					? html`<p>${words.hasNothing}</p>`
					: html`<ul>${held.map(
							(one) => html`<li>
								${words.heldFrom(
									`${one.kind === "role" ? words.kinds.role : words.permissionKind} ${one.name}`,
									one.why.map((why) => whenceTold(why, locale)).join(" · "),
								)}
							</li>`,
						)}</ul>`
			}
		</div>`;
	}

	#table(shown: readonly Matter[]): TemplateResult {
		const { words } = this;
		return html`<table data-testid="why-table">
			<caption>${words.whyHeading}</caption>
			<thead>
				<tr><th scope="col">${words.matter}</th><th scope="col">${words.answer}</th><th scope="col" class="wide">${words.reason}</th></tr>
			</thead>
			${AREAS.map((area) => {
				const matters = shown.filter((one) => one.area === area);
				return matters.length === 0
					? nothing
					: html`<tbody>
							<tr><th scope="rowgroup" colspan="3">${words.areas[area]}</th></tr>
							${matters.map((one) => this.#row(one))}
						</tbody>`;
			})}
		</table>`;
	}

	#row(one: Matter): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		// The administration is one matter, and its name is for programs.
		const isWhole = one.area === "administration" && one.name === "admin";
		const title = one.titles?.[locale] ?? (isWhole ? words.areas.administration : null);
		const reasons = reasonsTold(one, locale);
		const told =
			reasons.length === 1 ? reasons[0] : html`<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;
		return html`<tr data-matter=${`${one.area} ${one.name}`} data-allowed=${one.allowed ? "yes" : "no"}>
			<td>
				${title ?? one.name}${title === null || isWhole ? nothing : html`<small>${one.name}</small>`}
				<small class="narrow">${told}</small>
			</td>
			<td><span class="state"><hub-ring state=${RING[one.allowed ? "yes" : "no"]}></hub-ring>${one.allowed ? words.yes : words.no}</span></td>
			<td class="wide">${told}</td>
		</tr>`;
	}
}

const RING: Readonly<Record<"yes" | "no", RingState>> = { yes: "fine", no: "refused" };

defineElement("admin-access-why", AdminAccessWhy);
