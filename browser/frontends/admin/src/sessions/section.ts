import { defineElement, formatMoment } from "@mainhub/sdk";
import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AdminSection, matches } from "../section.js";
import { type ListedSession, parseEnded, parseSessions, personPath, SESSIONS_PATH, type Sessions } from "./sessions.js";
import { SESSION_WORDS, type SessionWords } from "./words.js";

/** `<admin-sessions>`: who is signed in, where, and a way to end each session. */
export class AdminSessions extends AdminSection<Sessions> {
	static override properties: PropertyDeclarations = { ...AdminSection.properties, asked: { state: true } };

	static override styles = [...AdminSection.styles, css`.question td { padding-block: var(--s2) }`];

	protected override readonly path = SESSIONS_PATH;
	protected override readonly testId = "admin-sessions";
	/** Others’ sign-ins are no events of this person’s, so they are asked for. */
	protected override readonly periodSeconds = 5;

	/** The session whose end waits for a yes. */
	declare asked: string | null;

	constructor() {
		super();
		this.asked = null;
	}

	private get words(): SessionWords {
		return SESSION_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): Sessions {
		return parseSessions(answer);
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override body({ items, isTruncated }: Sessions): TemplateResult {
		const { words, shared } = this;
		if (items.length === 0) {
			return this.nothingYet(words.empty, words.emptyText);
		}
		const shown = items.filter((one) =>
			matches(this.query, one.person.name, one.person.email, one.browser, one.system, one.address),
		);
		const table = html`<div class="bar">${this.searchBox(words.search, shown.length, items.length)}</div>
			${
				shown.length === 0
					? this.nothingYet(shared.nothingFound(this.query), shared.nothingFoundText)
					: html`<table>
							<caption>${words.heading}</caption>
							<thead>
								<tr>
									<th scope="col">${words.person}</th>
									<th scope="col" class="wide">${words.device}</th>
									<th scope="col" class="wide">${words.address}</th>
									<th scope="col" class="wide">${words.since}</th>
									<th scope="col">${words.seen}</th>
									<th scope="col" class="wide">${words.ends}</th>
									<th scope="col">${words.act}</th>
								</tr>
							</thead>
							<tbody>${repeat(
								shown,
								(one) => one.ref,
								(one) => this.#row(one, items, isTruncated),
							)}</tbody>
						</table>`
			}
			${isTruncated ? html`<div class="bar"><span>${words.truncated}</span></div>` : nothing}`;
		return this.split(table, null);
	}

	#row(one: ListedSession, all: readonly ListedSession[], isTruncated: boolean): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const when = (date: Date) => formatMoment(date, locale);
		return html`<tr data-session=${one.ref}>
				<td>
					${one.person.name}
					${one.isCurrent ? html`<fluent-badge appearance="tint" color="informative">${words.thisOne}</fluent-badge>` : nothing}
					<small>${one.person.email ?? one.person.id}</small>
					<small class="narrow">${this.#device(one)} · ${one.address}</small>
				</td>
				<td class="wide">${this.#device(one)}</td>
				<td class="wide mono">${one.address}</td>
				<td class="wide">${when(one.createdAt)}</td>
				<td>${when(one.seenAt)}</td>
				<td class="wide">${when(one.endsAt)}<small>${words.orIdle(when(one.idleEndsAt))}</small></td>
				<td>
					<button
						class="b danger" type="button" data-testid="session-end" ?disabled=${this.busy}
						aria-label=${words.endOf(one.person.name, this.#device(one))} aria-expanded=${this.asked === one.ref ? "true" : "false"}
						@click=${() => this.#ask(one.ref)}
					>${words.end}</button>
				</td>
			</tr>
			${this.asked === one.ref ? this.#question(one, all, isTruncated) : nothing}`;
	}

	#question(one: ListedSession, all: readonly ListedSession[], isTruncated: boolean): TemplateResult {
		const { words } = this;
		const theirs = all.filter(({ person }) => person.id === one.person.id);
		const isSeveral = theirs.length > 1 || isTruncated;
		const told = [
			one.isCurrent ? words.askOwn : words.ask(one.person.name),
			isSeveral ? words.askAll(one.person.name, theirs.length, isTruncated) : "",
			isSeveral && theirs.some(({ isCurrent }) => isCurrent) ? words.askAllOwn : "",
		];
		return html`<tr class="question">
			<td colspan="7">
				<p data-testid="session-ask">${told.filter(Boolean).join(" ")}</p>
				<div class="acts">
					<button class="b danger" type="button" data-testid="session-yes" ?disabled=${this.busy} @click=${() => this.#end(one)}>${words.yes}</button>
					${
						isSeveral
							? html`<button class="b danger" type="button" data-testid="session-yes-all" ?disabled=${this.busy} @click=${() => this.#endAll(one)}>${words.yesAll}</button>`
							: nothing
					}
					<button class="b" type="button" data-testid="session-no" @click=${() => this.#ask(null, one.ref)}>${words.no}</button>
				</div>
			</td>
		</tr>`;
	}

	#device({ browser, system }: ListedSession): string {
		const { words } = this;
		return browser !== null && system !== null ? words.on(browser, system) : (browser ?? system ?? words.unknownDevice);
	}

	/** Asks in place; the focus goes to the answer, and back to the button of *from* when it was no. */
	#ask(ref: string | null, from: string | null = null): void {
		this.asked = this.asked === ref ? null : ref;
		void this.updateComplete.then(() => {
			const wanted =
				this.asked === null ? `[data-session="${from ?? ref}"] [data-testid=session-end]` : "[data-testid=session-yes]";
			this.renderRoot.querySelector<HTMLElement>(wanted)?.focus();
		});
	}

	async #endAll({ person: { id, name } }: ListedSession): Promise<void> {
		const { words } = this;
		this.asked = null;
		let told = "";
		const isDone = await this.deed(words.endingAll(name), async () => {
			const count = parseEnded(await this.props.api(personPath(id), { method: "DELETE" }));
			told = count === 0 ? words.noneLeft(name) : words.endedAll(name, count);
		});
		if (isDone) {
			this.announcement = told;
			this.props.notify(told, "success");
		}
		await this.updateComplete;
		this.focusOn("admin-search");
	}

	async #end(one: ListedSession): Promise<void> {
		const { words } = this;
		this.asked = null;
		const path = `${SESSIONS_PATH}/${encodeURIComponent(one.ref)}`;
		await this.deed(
			words.ending(one.person.name),
			() => this.props.api(path, { method: "DELETE" }),
			words.ended(one.person.name),
		);
		await this.updateComplete;
		this.focusOn("admin-search");
	}
}

defineElement("admin-sessions", AdminSessions);
