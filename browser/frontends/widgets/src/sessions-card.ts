import { type ApiProblem, defineElement, FeedCard, formatMoment, problemOf } from "@mainhub/sdk";
import { css, html, nothing, type TemplateResult } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import { parseSessions, type Session, type Sessions } from "./sessions.js";

const SESSIONS_PATH = "/auth/sessions";

/** Stands for all sessions but this page's: the hub gives no session such a name. */
const OTHERS = "*";

/** What is being done to one session, or to all others. */
type Ending =
	| { readonly kind: "asking"; readonly ref: string }
	| { readonly kind: "ending"; readonly ref: string }
	| { readonly kind: "failed"; readonly ref: string; readonly problem: ApiProblem };

/** `<my-sessions>`: where the person is signed in, and a way to end it elsewhere. */
export class MySessions extends FeedCard<Sessions> {
	static override properties = { ...FeedCard.properties, ending: { state: true }, last: { state: true } };

	static override styles = [
		...FeedCard.styles,
		css`
			li { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3) }
			.what { flex: 1 1 10rem; min-inline-size: 0 }
			.what p { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--s2) }
			.icon { color: var(--ink-3) }
			.acts { display: flex; gap: var(--s2); margin-inline-start: auto }
			.b { font: var(--t-dense); font-weight: var(--w-strong) }
			.bad { color: var(--bad-ink) }
			.others { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); padding: var(--s3) var(--s4); border-block-start: 1px solid var(--line); font: var(--t-dense) }
			.more { padding: var(--s2) var(--s4); border-block-start: 1px solid var(--line); font: var(--t-small); color: var(--ink-3) }
		`,
	];

	declare ending: Ending | null;
	/** What was last done, in words. */
	declare last: string;

	protected override readonly path = SESSIONS_PATH;
	protected override readonly testId = "my-sessions";

	constructor() {
		super();
		this.ending = null;
		this.last = "";
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	protected override parse(answer: unknown): Sessions {
		return parseSessions(answer);
	}

	protected override heading(): string {
		return this.words.sessions;
	}

	protected override said(): string {
		return this.last;
	}

	protected override listen(end: AbortSignal): void {
		for (const type of ["user:login", "user:logout", "gap"]) {
			end.addEventListener(
				"abort",
				this.props.bus.on(type, () => this.refresh()),
				{ once: true },
			);
		}
	}

	protected override body({ items, isTruncated }: Sessions): TemplateResult {
		const { words } = this;
		if (items.length === 0) {
			return this.nothingYet(words.noSessions, words.noSessionsText);
		}
		return html`<ul class="lines">${items.map((session) => this.#line(session))}</ul>
			${items.filter(({ isCurrent }) => !isCurrent).length > 1 || isTruncated ? this.#others() : nothing}
			${isTruncated ? html`<p class="more">${words.moreSessions}</p>` : nothing}`;
	}

	#line(session: Session): TemplateResult {
		const isConcerned = this.ending?.ref === session.ref;
		return html`<li data-session=${session.ref}>
			<hub-icon class="icon" name="monitor"></hub-icon>
			${isConcerned && this.ending?.kind === "asking" ? this.#question(session) : this.#session(session)}
		</li>`;
	}

	/** A way to end all but this one at once. */
	#others(): TemplateResult {
		const { words } = this;
		const ending = this.ending?.ref === OTHERS ? this.ending : null;
		if (ending?.kind === "asking") {
			return html`<div class="others">
				<p class="what" id="ask">${words.endOthersAsk}</p>
				<div class="acts" role="group" aria-labelledby="ask">
					<button class="b" type="button" data-testid="others-end-no" @click=${this.#keepOthers}>${words.endOthersNo}</button>
					<button class="b bad" type="button" data-testid="others-end-yes" @click=${this.#endOthers}>${words.endOthersYes}</button>
				</div>
			</div>`;
		}
		return html`<div class="others">
			${ending?.kind === "failed" ? html`<small class="what bad" data-testid="others-end-failed">${words.othersNotEnded} ${ending.problem.title}.</small>` : nothing}
			<button class="b acts" type="button" data-testid="others-end" ?disabled=${ending?.kind === "ending"} @click=${this.#askOthers}>
				${ending?.kind === "ending" ? words.ending : words.endOthers}
			</button>
		</div>`;
	}

	#session(session: Session): TemplateResult {
		const { words } = this;
		const { locale } = this.props;
		const facts = [
			session.address,
			words.sinceTime(formatMoment(session.createdAt, locale)),
			session.seenAt === null ? null : words.seen(formatMoment(session.seenAt, locale)),
		];
		return html`
			<div class="what">
				<p>
					<b>${this.#device(session)}</b>
					${session.isCurrent ? html`<fluent-badge appearance="tint" color="success">${words.thisOne}</fluent-badge>` : nothing}
				</p>
				<small>${facts.filter((fact) => fact !== null).join(" · ")}</small>
				${this.#failure(session)}
			</div>
			${session.isCurrent ? nothing : this.#endButton(session)}
		`;
	}

	#endButton(session: Session): TemplateResult {
		const { words } = this;
		const isEnding = this.ending?.ref === session.ref && this.ending.kind === "ending";
		return html`<button
			class="b acts" type="button" data-testid="session-end" aria-label=${words.endOf(this.#device(session))} ?disabled=${isEnding}
			@click=${() => this.#ask(session)}
		>${isEnding ? words.ending : words.end}</button>`;
	}

	#question(session: Session): TemplateResult {
		const { words } = this;
		return html`
			<p class="what" id="ask">${words.endAsk(this.#device(session))}</p>
			<div class="acts" role="group" aria-labelledby="ask">
				<button class="b" type="button" data-testid="session-end-no" @click=${() => this.#keep(session)}>${words.endNo}</button>
				<button class="b bad" type="button" data-testid="session-end-yes" @click=${() => this.#end(session)}>${words.endYes}</button>
			</div>
		`;
	}

	#failure(session: Session): TemplateResult | typeof nothing {
		const { ending, words } = this;
		if (ending?.ref !== session.ref || ending.kind !== "failed") {
			return nothing;
		}
		const { problem } = ending;
		const trace = problem.traceId === null ? "" : ` ${words.trace} ${problem.traceId}`;
		return html`<small class="bad" data-testid="session-end-failed">
			${words.endFailed(this.#device(session))} ${problem.title}.${trace}
		</small>`;
	}

	#device({ browser, system, device }: Session): string {
		const { words } = this;
		return browser !== null && system !== null
			? words.on(browser, system)
			: (browser ?? system ?? device ?? words.unknownDevice);
	}

	#ask({ ref }: Session): void {
		this.ending = { kind: "asking", ref };
		this.#focus(ref, "session-end-no");
	}

	#keep({ ref }: Session): void {
		this.ending = null;
		this.#focus(ref, "session-end");
	}

	async #end(session: Session): Promise<void> {
		const { ref } = session;
		const { api, signal } = this.props;
		this.ending = { kind: "ending", ref };
		try {
			await api(`${SESSIONS_PATH}/${encodeURIComponent(ref)}`, { method: "DELETE", signal });
			this.#wasEnded(session);
		} catch (error) {
			const problem = problemOf(error);
			if (problem.is("session-gone")) {
				this.#wasEnded(session);
			} else if (!signal.aborted) {
				this.ending = { kind: "failed", ref, problem };
				this.last = this.words.endFailed(this.#device(session));
				this.#focus(ref, "session-end");
			}
		}
	}

	readonly #askOthers = (): void => {
		this.ending = { kind: "asking", ref: OTHERS };
		this.#focusOn("others-end-no");
	};

	readonly #keepOthers = (): void => {
		this.ending = null;
		this.#focusOn("others-end");
	};

	readonly #endOthers = async (): Promise<void> => {
		const { api, signal } = this.props;
		this.ending = { kind: "ending", ref: OTHERS };
		try {
			await api(SESSIONS_PATH, { method: "DELETE", signal });
			this.ending = null;
			this.last = this.words.othersEnded;
			this.#leaveOnly(({ isCurrent }) => isCurrent);
			this.refresh();
		} catch (error) {
			if (!signal.aborted) {
				this.ending = { kind: "failed", ref: OTHERS, problem: problemOf(error) };
				this.last = this.words.othersNotEnded;
				this.#focusOn("others-end");
			}
		}
	};

	#wasEnded(session: Session): void {
		this.ending = null;
		this.last = this.words.endedNow(this.#device(session));
		this.#leaveOnly((one) => one.ref !== session.ref);
		this.refresh();
		void this.updateComplete.then(() =>
			this.renderRoot.querySelector<HTMLElement>("[data-testid=session-end]")?.focus(),
		);
	}

	/** Until the hub says the same. */
	#leaveOnly(isLeft: (session: Session) => boolean): void {
		if (this.state.kind === "fresh" || this.state.kind === "stale") {
			const value = { items: this.state.value.items.filter(isLeft), isTruncated: false };
			this.state = { ...this.state, value };
		}
	}

	#focusOn(testId: string): void {
		void this.updateComplete.then(() =>
			this.renderRoot.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.focus(),
		);
	}

	#focus(ref: string, testId: string): void {
		void this.updateComplete.then(() => {
			const line = [...this.renderRoot.querySelectorAll<HTMLElement>("[data-session]")].find(
				(one) => one.dataset["session"] === ref,
			);
			line?.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.focus();
		});
	}
}

defineElement("my-sessions", MySessions);
