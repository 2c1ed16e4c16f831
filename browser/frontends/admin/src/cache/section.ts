import { defineElement, formatCount, type HubEvent, problemOf, type RingState } from "@mainhub/sdk";
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { textIn } from "../form.js";
import { AdminSection } from "../section.js";
import {
	bodyOf,
	CACHE_PATH,
	type CacheState,
	type Concerned,
	concernedPath,
	entryPath,
	type HotKey,
	type HotTag,
	INVALIDATED_EVENT,
	type Invalidated,
	parseCache,
	parseConcerned,
	parseFound,
	parseInvalidated,
	SCOPES,
	type Scope,
	type Wanted,
} from "./cache.js";
import { facts, type Sought, until } from "./found.js";
import { counted, hitRatio } from "./history.js";
import { levels, RING } from "./levels.js";
import { share, size } from "./readable.js";
import { STYLES } from "./styles.js";
import { history, totals } from "./tables.js";
import { CACHE_WORDS, type CacheWords } from "./words.js";
import "./chart.js";

/** Where something to forget was named: the question stands there. */
type Place = "panel" | "form" | "tags";

interface Question {
	readonly place: Place;
	readonly wanted: Wanted;
	readonly concerned: Concerned;
}

const PATIENCE_SECONDS = 60; // level 2 may have to be searched for all of its keys

/** `<admin-cache>`: what the cache spares, how its levels are, what is in it, and a way to make it forget. */
export class AdminCache extends AdminSection<CacheState> {
	static override properties: PropertyDeclarations = {
		...AdminSection.properties,
		question: { state: true },
		sought: { state: true },
		scope: { state: true },
	};

	static override styles = [...AdminSection.styles, STYLES];

	protected override readonly path = CACHE_PATH;
	protected override readonly testId = "admin-cache";
	protected override readonly periodSeconds = 5;

	/** What waits for a yes. */
	declare question: Question | null;
	/** What is under the key whose panel is open. */
	declare sought: Sought;
	/** What the form names. */
	declare scope: Exclude<Scope, "key">;

	constructor() {
		super();
		this.question = null;
		this.sought = { kind: "looking" };
		this.scope = "pattern";
	}

	private get words(): CacheWords {
		return CACHE_WORDS[this.props.locale];
	}

	protected override parse(answer: unknown): CacheState {
		return parseCache(answer);
	}

	protected override heading(): string {
		return this.words.heading;
	}

	protected override source(): string {
		return this.words.source;
	}

	protected override ring({ level2 }: CacheState): RingState {
		return level2.standing === "none" ? "fine" : RING[level2.standing];
	}

	protected override listen(end: AbortSignal): void {
		const { bus } = this.props;
		const offs = [bus.on(INVALIDATED_EVENT, (event) => this.#hear(event)), bus.on("gap", () => this.refresh())];
		end.addEventListener("abort", () => offs.map((off) => off()), { once: true });
	}

	protected override body(state: CacheState): TemplateResult {
		const { words } = this;
		const { locale, theme } = this.props;
		const ratio = hitRatio(counted(state.history.points));
		const all = html`<p class="lead" data-testid="cache-summary">${words.summary(ratio === null ? null : share(ratio, locale))}</p>
			<section class="over-time" aria-label=${words.chart}>
				<cache-chart
					place="panel" heading=${words.chartOf} .history=${state.history} .locale=${locale} .theme=${theme}
				></cache-chart>
				${history(state.history, words, locale)}
			</section>
			${levels(state, words, locale)}
			<div class="forms">${this.#lookUp()} ${this.#forget()}</div>
			${this.#hotKeys(state.hotKeys)} ${state.hotTags.length === 0 ? nothing : this.#hotTags(state.hotTags)}
			${totals(state, words, locale)}`;
		return this.split(all, this.opened === null ? null : this.#panel(this.opened));
	}

	#lookUp(): TemplateResult {
		const { words } = this;
		return html`<form class="bar" data-testid="cache-look" @submit=${this.#submitLook}>
			<h3>${words.lookUpKey}</h3>
			<label class="field grow">${words.key}<input name="key" required autocomplete="off" spellcheck="false" data-testid="look-key" /></label>
			<button class="b" type="submit" data-testid="look-go">${words.lookUp}</button>
		</form>`;
	}

	#forget(): TemplateResult {
		const { words, scope } = this;
		const scopes = SCOPES.filter((one) => one !== "key");
		return html`<form class="bar" data-testid="cache-forget" @submit=${this.#submitForget}>
			<h3>${words.forgetTitle}</h3>
			<label class="field">${words.what}
				<select
					data-testid="forget-what" .value=${scope}
					@change=${(event: Event) => {
						this.scope = scopes.find((one) => one === (event.target as HTMLSelectElement).value) ?? "pattern";
						this.question = null;
					}}
				>${scopes.map((one) => html`<option value=${one} ?selected=${one === scope}>${words.scopes[one]}</option>`)}</select>
			</label>
			${
				scope === "all"
					? nothing
					: html`<label class="field grow">${words.names[scope]}<input name="name" required autocomplete="off" spellcheck="false" data-testid="forget-name" /></label>`
			}
			<button class="b danger" type="submit" data-testid="forget-go" ?disabled=${this.busy}>${words.forget}</button>
			${this.#asked("form")}
		</form>`;
	}

	#hotKeys(list: readonly HotKey[]): TemplateResult {
		const { words } = this;
		if (list.length === 0) {
			return this.nothingYet(words.noKeys, words.noKeysText);
		}
		const { locale } = this.props;
		return html`<section class="hot" aria-labelledby="hot-keys">
			<h3 id="hot-keys">${words.hotKeys}</h3>
			<table data-testid="hot-keys">
				<caption>${words.hotKeys}</caption>
				<thead>
					<tr>
						<th scope="col">${words.key}</th>
						<th scope="col" class="number">${words.hits}</th>
						<th scope="col" class="wide number">${words.size}</th>
						<th scope="col" class="wide">${words.ends}</th>
						<th scope="col" class="wide roomy">${words.tags}</th>
					</tr>
				</thead>
				<tbody>${repeat(
					list,
					(one) => one.key,
					(one) => html`<tr data-key=${one.key} aria-selected=${this.opened === one.key ? "true" : "false"}>
						<td>${this.opener(one.key, one.key)}</td>
						<td class="number">${formatCount(one.hits, locale)}</td>
						<td class="wide number">${size(one.bytes, locale)}</td>
						<td class="wide when">${until(one.expiresIn, words, locale)}</td>
						<td class="wide roomy">${one.tags.join(", ") || "–"}</td>
					</tr>`,
				)}</tbody>
			</table>
		</section>`;
	}

	#hotTags(list: readonly HotTag[]): TemplateResult {
		const { words } = this;
		const isAsked = (tag: string) => this.question?.place === "tags" && this.question.wanted.name === tag;
		return html`<section class="hot" aria-labelledby="hot-tags">
			<h3 id="hot-tags">${words.hotTags}</h3>
			<table data-testid="hot-tags">
				<caption>${words.hotTags}</caption>
				<thead>
					<tr><th scope="col">${words.tag}</th><th scope="col" class="number">${words.hits}</th><th scope="col">${words.act}</th></tr>
				</thead>
				<tbody>${repeat(
					list,
					(one) => one.tag,
					({ tag, hits }) => html`<tr data-tag=${tag}>
							<td class="mono">${tag}</td>
							<td class="number">${formatCount(hits, this.props.locale)}</td>
							<td>
								<button
									class="b danger" type="button" data-testid="tag-forget" ?disabled=${this.busy} aria-label=${words.forgetOf(tag)}
									aria-expanded=${isAsked(tag) ? "true" : "false"} @click=${() => this.#ask("tags", { what: "tag", name: tag })}
								>${words.forget}</button>
							</td>
						</tr>
						${isAsked(tag) ? html`<tr><td colspan="3">${this.#asked("tags")}</td></tr>` : nothing}`,
				)}</tbody>
			</table>
		</section>`;
	}

	#panel(key: string): TemplateResult {
		const { words, sought } = this;
		const again = html`<button class="b" type="button" data-testid="look-again" @click=${() => this.#look(key)}>
			<hub-icon name="redo"></hub-icon>${words.again}
		</button>`;
		const forget = html`<button
			class="b danger" type="button" data-testid="key-forget" ?disabled=${this.busy}
			aria-expanded=${this.question?.place === "panel" ? "true" : "false"} @click=${() => this.#ask("panel", { what: "key", name: key })}
		>${words.forget}</button>`;
		return this.panel(
			key,
			html`${this.#sought(sought)}
				<div class="acts">${again} ${forget}</div>
				${this.#asked("panel")}`,
		);
	}

	#sought(sought: Sought): TemplateResult {
		const { words, shared } = this;
		switch (sought.kind) {
			case "looking":
				return html`<hub-skeleton rows="4"></hub-skeleton>`;
			case "failed":
				return html`<p class="mishap" role="alert" data-testid="look-failed">
					${shared.failed(words.looking)} ${sought.problem.detail || sought.problem.title} ${sought.problem.remedy ?? ""}
				</p>`;
			case "found":
				return facts(sought.found, sought.at, words, this.props.locale);
		}
	}

	/** The question that was asked at *place*, if any. */
	#asked(place: Place): TemplateResult | typeof nothing {
		const { question, words } = this;
		if (question === null || question.place !== place) {
			return nothing;
		}
		const { what, name } = question.wanted;
		return html`<div class="question" role="group" aria-label=${words.asks[what](name)}>
			<p data-testid="forget-ask"><b>${words.asks[what](name)}</b> ${this.#concerning(question)} ${words.consequence}</p>
			<div class="acts">
				<button class="b danger" type="button" data-testid="forget-yes" ?disabled=${this.busy} @click=${() => this.#act(question)}>${words.yes}</button>
				<button class="b" type="button" data-testid="forget-no" @click=${() => this.#keep(question)}>${this.shared.cancel}</button>
			</div>
		</div>`;
	}

	#concerning({ wanted, concerned: { level1, level2 } }: Question): string {
		const { words } = this;
		const { locale } = this.props;
		const isShared = this.#known()?.level2.kind !== null;
		return [
			wanted.what === "key" ? "" : words.concerned(level1, formatCount(level1, locale)),
			level2 === null ? "" : words.concernedThere(formatCount(level2, locale)),
			wanted.what === "pattern" && isShared ? words.searched : "",
			isShared ? words.all : "",
		]
			.filter(Boolean)
			.join(" ");
	}

	#known(): CacheState | null {
		const { state } = this;
		return state.kind === "fresh" || state.kind === "stale" ? state.value : null;
	}

	readonly #submitLook = (event: SubmitEvent): void => {
		event.preventDefault();
		const key = textIn(event, "key");
		if (this.opened === key) {
			this.#look(key);
		} else {
			this.openPanel(key, event.submitter);
		}
	};

	readonly #submitForget = (event: SubmitEvent): void => {
		event.preventDefault();
		void this.#ask("form", { what: this.scope, name: this.scope === "all" ? "" : textIn(event, "name") });
	};

	protected override openPanel(key: string, opener: EventTarget | null): void {
		this.question = null;
		super.openPanel(key, opener);
		if (this.opened !== null) {
			this.#look(this.opened);
		}
	}

	/** With every newer state, what level 2 owes an answer is looked up again. */
	protected override updated(changed: PropertyValues): void {
		const { opened, sought } = this;
		if (changed.has("state") && opened !== null && sought.kind === "found" && sought.found.outcome === "unavailable") {
			this.#look(opened);
		}
	}

	async #look(key: string): Promise<void> {
		this.sought = this.sought.kind === "found" && this.sought.found.key === key ? this.sought : { kind: "looking" };
		let sought: Sought;
		try {
			sought = { kind: "found", found: parseFound(await this.props.api(entryPath(key))), at: new Date() };
		} catch (error) {
			sought = { kind: "failed", problem: problemOf(error) };
		}
		if (this.opened === key) {
			this.sought = sought;
		}
	}

	/** Finds out how many are concerned, then asks in place; the focus goes to the answer. */
	async #ask(place: Place, wanted: Wanted): Promise<void> {
		const asked = this.question;
		if (asked?.place === place && asked.wanted.what === wanted.what && asked.wanted.name === wanted.name) {
			this.#keep(asked);
			return;
		}
		this.mishap = null;
		try {
			const concerned = parseConcerned(await this.props.api(concernedPath(wanted)));
			this.question = { place, wanted, concerned };
		} catch (error) {
			this.mishap = { what: this.words.forgetting, problem: problemOf(error) };
			return;
		}
		await this.updateComplete;
		this.focusOn("forget-yes");
	}

	/** No: the focus goes back to the button. */
	#keep({ place, wanted }: Question): void {
		this.question = null;
		void this.updateComplete.then(() => this.#focusAt(place, wanted.name));
	}

	#focusAt(place: Place, name: string): void {
		if (place === "tags") {
			const rows = [...this.renderRoot.querySelectorAll<HTMLElement>("[data-tag]")];
			const row = rows.find((one) => one.dataset["tag"] === name);
			row?.querySelector<HTMLElement>("button")?.focus();
		} else {
			this.focusOn(place === "form" ? "forget-go" : "key-forget");
		}
	}

	async #act({ place, wanted }: Question): Promise<void> {
		const { words } = this;
		const init = { method: "POST", body: bodyOf(wanted), timeoutSeconds: PATIENCE_SECONDS };
		this.question = null;
		let told = "";
		const isDone = await this.deed(words.forgetting, async () => {
			told = this.#told(wanted, parseInvalidated(await this.props.api(`${CACHE_PATH}/invalidate`, init)));
		});
		if (isDone) {
			this.announcement = told;
			this.props.notify(told, "success");
		}
		if (this.opened !== null) {
			this.#look(this.opened);
		}
		await this.updateComplete;
		this.#focusAt(place === "tags" ? "form" : place, wanted.name);
	}

	#told({ what, name }: Wanted, { count, pending }: Invalidated): string {
		const { words } = this;
		return [
			words.forgot[what](name),
			count === null || what === "key" ? "" : words.forgotCount(count, formatCount(count, this.props.locale)),
			pending > 0 ? words.untold : "",
		]
			.filter(Boolean)
			.join(" ");
	}

	/** Somebody made the cache forget something, here or elsewhere. */
	#hear({ data }: HubEvent): void {
		if (typeof data["what"] === "string") {
			this.refresh();
			if (this.opened !== null) {
				this.#look(this.opened);
			}
		}
	}
}

defineElement("admin-cache", AdminCache);
