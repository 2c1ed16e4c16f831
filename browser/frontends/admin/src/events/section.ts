import { defineElement, formatClock, type HubEvent, isRecord } from "@mainhub/sdk";
import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AdminSection, matches } from "../section.js";
import {
	type DataField,
	dataOf,
	EVENTS_PATH,
	type EventType,
	gathered,
	parseHistory,
	parseTypes,
	readData,
	SCOPES,
	TYPES_PATH,
} from "./events.js";
import { EVENT_WORDS, type EventWords } from "./words.js";

const SHOWN = 200;
/** No field of an event’s data has such a name. */
const ROLES = "only roles";

/** `<admin-events>`: what happens, live; which types there are; a form that publishes one. */
export class AdminEvents extends AdminSection<readonly EventType[]> {
	static override properties: PropertyDeclarations = {
		...AdminSection.properties,
		remembered: { state: true },
		frozen: { state: true },
		chosen: { state: true },
		texts: { state: true },
		asking: { state: true },
		unreadable: { state: true },
		unheard: { state: true },
		forgotten: { state: true },
	};

	protected override readonly path = TYPES_PATH;
	protected override readonly testId = "admin-events";

	/** What the hub remembered when the section was opened. */
	declare remembered: readonly HubEvent[];
	/** What is shown while the list is paused; `null`: it is live. */
	declare frozen: readonly HubEvent[] | null;
	declare chosen: string | null;
	declare texts: Readonly<Record<string, string>>;
	declare asking: boolean;
	declare unreadable: boolean;
	/** The hub’s history could not be read when it was last asked for. */
	declare unheard: boolean;
	/** What was shown when the history was cleared: the page itself remembers it all the same. */
	declare forgotten: ReadonlySet<string>;

	constructor() {
		super();
		this.remembered = [];
		this.frozen = null;
		this.chosen = null;
		this.texts = {};
		this.asking = false;
		this.unreadable = false;
		this.unheard = false;
		this.forgotten = new Set();
	}

	private get words(): EventWords {
		return EVENT_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): readonly EventType[] {
		return parseTypes(answer);
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override when(): string {
		const { words } = this;
		if (this.frozen !== null) {
			return words.paused;
		}
		return this.props.bus.live ? words.live : words.notLive;
	}

	protected override listen(end: AbortSignal): void {
		const { bus } = this.props;
		const offs = [
			bus.on("*", () => this.requestUpdate()),
			bus.on("gap", () => void this.#remember(end)),
			bus.on("link", () => this.requestUpdate()),
		];
		end.addEventListener("abort", () => offs.map((off) => off()), { once: true });
		void this.#remember(end);
	}

	protected override body(types: readonly EventType[]): TemplateResult {
		const { words } = this;
		const now = this.#known();
		const events = this.frozen ?? now;
		const shown = events.filter((one) =>
			matches(this.query, one.type, one.source, one.by?.name ?? null, JSON.stringify(one.data)),
		);
		const opened = events.find((one) => keyOf(one) === this.opened) ?? null;
		const held = this.frozen === null ? 0 : now.filter((one) => !this.frozen?.includes(one)).length;
		const list = html`<div class="bar">
				${this.searchBox(words.search, shown.length, events.length)}
				<button class="b" type="button" data-testid="events-pause" aria-pressed=${this.frozen === null ? "false" : "true"} @click=${() => this.#pause(now)}>
					${this.frozen === null ? words.pause : words.resume}
				</button>
				${held === 0 ? nothing : html`<span>${words.held(held)}</span>`}
				<button class="b danger" type="button" data-testid="events-clear" aria-expanded=${this.asking ? "true" : "false"} ?disabled=${this.busy} @click=${this.#ask}>${words.clear}</button>
			</div>
			${this.asking ? this.#question() : nothing}
			${this.unheard ? html`<p class="mishap" role="status" data-testid="events-unheard">${words.unheard}</p>` : nothing}
			${shown.length === 0 ? this.#none(events.length > 0) : this.#table(shown)}`;
		return html`${this.split(list, opened === null ? null : this.#payload(opened))} ${this.#form(types)} ${this.#types(types)}`;
	}

	#known(): readonly HubEvent[] {
		const known = gathered(this.remembered, this.props.bus.history(), SHOWN);
		return known.filter((one) => !this.forgotten.has(keyOf(one)));
	}

	#none(isFiltered: boolean): TemplateResult | typeof nothing {
		const { words, shared } = this;
		if (isFiltered) {
			return this.nothingYet(shared.nothingFound(this.query), shared.nothingFoundText);
		}
		return this.unheard ? nothing : this.nothingYet(words.empty, words.emptyText);
	}

	#table(events: readonly HubEvent[]): TemplateResult {
		const { words } = this;
		return html`<div class="bounded" tabindex="0" role="region" aria-label=${words.happening}><table data-testid="events-live">
			<caption>${words.heading}</caption>
			<thead>
				<tr>
					<th scope="col">${words.when}</th>
					<th scope="col">${words.type}</th>
					<th scope="col" class="wide">${words.from}</th>
					<th scope="col">${words.data}</th>
				</tr>
			</thead>
			<tbody>
				${repeat(
					events,
					keyOf,
					(one) => html`<tr data-type=${one.type} aria-selected=${this.opened === keyOf(one) ? "true" : "false"}>
						<td>${formatClock(one.timestamp, this.props.locale)}</td>
						<td>${this.opener(keyOf(one), one.type)}</td>
						<td class="wide">${one.by?.name ?? (one.source === "MainHub" ? words.hub : words.page)}<small>${one.source}</small></td>
						<td class="mono">${brief(one.data)}</td>
					</tr>`,
				)}
			</tbody>
		</table></div>`;
	}

	#payload(event: HubEvent): TemplateResult {
		const { words } = this;
		const { id, type, timestamp, source, by, data } = event;
		const whole = JSON.stringify({ id, type, timestamp: timestamp.toISOString(), source, by, data }, null, 2);
		return this.panel(type, html`<p>${words.payload}</p><pre tabindex="0" aria-label=${words.payload}>${whole}</pre>`);
	}

	#question(): TemplateResult {
		const { words, shared } = this;
		return html`<div class="bar">
			<p>${words.clearAsk}</p>
			<div class="acts">
				<button class="b danger" type="button" data-testid="events-clear-yes" @click=${this.#clear}>${words.clearYes}</button>
				<button class="b" type="button" @click=${this.#ask}>${shared.cancel}</button>
			</div>
		</div>`;
	}

	#form(types: readonly EventType[]): TemplateResult | typeof nothing {
		const { words } = this;
		// What others hear of comes first: that is what an administrator is here for.
		const open = types
			.filter((one) => one.mayPublish && one.scope !== "page")
			.sort((one, other) => SCOPES.indexOf(other.scope) - SCOPES.indexOf(one.scope));
		const chosen = open.find((one) => one.type === this.chosen) ?? open[0];
		if (chosen === undefined) {
			return nothing;
		}
		return html`<form class="bar" aria-labelledby="publish-title" data-testid="publish" @submit=${(event: Event) => this.#publish(event, chosen)}>
			<h3 id="publish-title">${words.publish}</h3>
			<label class="field">
				${words.choose}
				<select data-testid="publish-type" @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value)}>
					${open.map((one) => html`<option value=${one.type} .selected=${one.type === chosen.type}>${one.type}</option>`)}
				</select>
			</label>
			${
				chosen.data.length === 0
					? this.#input("", words.json, false)
					: chosen.data.map((field) =>
							field.choices.length === 0
								? this.#input(field.name, this.#label(field), field.isRequired)
								: this.#choice(field),
						)
			}
			${chosen.scope === "everyone" ? this.#input(ROLES, words.onlyRoles, false) : nothing}
			${this.unreadable ? html`<p class="mishap" role="alert">${words.notJson}</p>` : nothing}
			<button class="b b-go" type="submit" data-testid="publish-send" ?disabled=${this.busy}>${words.send}</button>
		</form>`;
	}

	#label({ name, about, isRequired }: DataField): string {
		return `${name}${isRequired ? ` (${this.words.required})` : ""}: ${about}`;
	}

	#choice(field: DataField): TemplateResult {
		const now = this.texts[field.name] ?? "";
		return html`<label class="field">
			${this.#label(field)}
			<select
				data-testid="publish-field" data-field=${field.name} ?required=${field.isRequired}
				@change=${(event: Event) => {
					this.texts = { ...this.texts, [field.name]: (event.target as HTMLSelectElement).value };
				}}
			>
				<option value="" .selected=${now === ""}></option>
				${field.choices.map((one) => html`<option value=${one} .selected=${one === now}>${one}</option>`)}
			</select>
		</label>`;
	}

	#input(name: string, label: string, isRequired: boolean): TemplateResult {
		return html`<label class="field">
			${label}
			<input
				type="text" autocomplete="off" data-testid="publish-field" data-field=${name} ?required=${isRequired} .value=${this.texts[name] ?? ""}
				@input=${(event: InputEvent) => {
					this.texts = { ...this.texts, [name]: (event.target as HTMLInputElement).value };
				}}
			/>
		</label>`;
	}

	#types(types: readonly EventType[]): TemplateResult {
		const { words } = this;
		const names = (roles: readonly string[]) => (roles.includes("*") ? words.everyone : roles.join(", "));
		return html`<div class="bar"><h3>${words.types}</h3></div>
			<div class="list" tabindex="0" role="region" aria-label=${words.types}>
				<table data-testid="event-types">
					<caption>${words.types}</caption>
					<thead>
						<tr>
							<th scope="col">${words.type}</th>
							<th scope="col" class="wide">${words.summary}</th>
							<th scope="col" class="wide">${words.emitter}</th>
							<th scope="col">${words.reach}</th>
							<th scope="col">${words.publishers}</th>
						</tr>
					</thead>
					<tbody>
						${types.map(
							(one) => html`<tr>
								<td class="mono type">${one.type}</td>
								<td class="wide">${one.summary}</td>
								<td class="wide">${one.emitter}</td>
								<td>${one.scope === "roles" ? names(one.roles) : words.scopes[one.scope]}</td>
								<td>${names(one.publish) || words.none}</td>
							</tr>`,
						)}
					</tbody>
				</table>
			</div>`;
	}

	#choose(type: string): void {
		this.chosen = type;
		this.texts = {};
		this.unreadable = false;
	}

	#pause(now: readonly HubEvent[]): void {
		this.frozen = this.frozen === null ? now : null;
	}

	readonly #ask = (): void => {
		this.asking = !this.asking;
		const wanted = this.asking ? "events-clear-yes" : "events-clear";
		void this.updateComplete.then(() => this.focusOn(wanted));
	};

	async #publish(event: Event, type: EventType): Promise<void> {
		event.preventDefault();
		const { words } = this;
		let data: Record<string, unknown>;
		try {
			data = type.data.length === 0 ? readData(this.texts[""] ?? "") : dataOf(type.data, this.texts);
			this.unreadable = false;
		} catch {
			this.unreadable = true;
			return;
		}
		const roles = (this.texts[ROLES] ?? "")
			.split(",")
			.map((role) => role.trim())
			.filter((role) => role !== "");
		const isSent = await this.deed(
			words.sending(type.type),
			() => this.props.bus.emit(type.type, data, roles.length === 0 ? {} : { roles }),
			words.sent(type.type),
		);
		if (isSent) {
			this.texts = {};
		}
	}

	readonly #clear = async (): Promise<void> => {
		this.asking = false;
		const { words } = this;
		let count = 0;
		const forget = async () => {
			const answer = await this.props.api(EVENTS_PATH, { method: "DELETE" });
			count = isRecord(answer) ? Number(answer["cleared"]) : 0;
		};
		const isDone = await this.deed(words.clearing, forget);
		await this.updateComplete;
		this.focusOn("events-clear");
		if (isDone) {
			this.forgotten = new Set([...this.forgotten, ...this.#known().map(keyOf)]);
			this.remembered = [];
			this.frozen = null;
			this.props.notify(words.cleared(count), "success");
		}
	};

	async #remember(signal: AbortSignal): Promise<void> {
		try {
			this.remembered = parseHistory(
				await this.props.api(`${EVENTS_PATH}?limit=${SHOWN}`, { signal, background: true }),
			);
			this.unheard = false;
		} catch {
			// The list keeps what it had, and goes on with what arrives.
			this.unheard = !signal.aborted;
		}
	}
}

function keyOf(event: HubEvent): string {
	return event.id ?? `${event.type} ${event.timestamp.getTime()}`;
}

function brief(data: Readonly<Record<string, unknown>>): string {
	const text = JSON.stringify(data);
	return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

defineElement("admin-events", AdminEvents);
