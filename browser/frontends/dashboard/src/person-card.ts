import {
	ApiProblem,
	defineElement,
	formatDay,
	formatTime,
	grantedRoles,
	surface,
	type WidgetProps,
} from "@mainhub/sdk";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { en, type Messages } from "./en.js";
import { fr } from "./fr.js";
import { parseSession, type Session } from "./session.js";

/** `<person-card>`: who the hub takes the person for, and for how long. */
export class PersonCard extends LitElement {
	static override properties = {
		props: { attribute: false },
		session: { state: true },
		problem: { state: true },
	};

	static override styles = [
		surface,
		css`
			:host, hub-card { block-size: 100% }
			dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--s2) var(--s4); font: var(--t-dense) }
			dt { color: var(--ink-3) }
			dd { overflow-wrap: anywhere }
			.badges { display: flex; flex-wrap: wrap; gap: var(--s1) }
			code { font-size: .75rem }
		`,
	];

	declare props: WidgetProps;
	declare session: Session | null;
	declare problem: ApiProblem | null;
	#askedAt: Date | null = null;

	constructor() {
		super();
		this.session = null;
		this.problem = null;
	}

	override connectedCallback(): void {
		super.connectedCallback();
		void this.#ask();
	}

	override render() {
		const { words } = this;
		const { user } = this.props;
		const provider = this.session?.provider ?? null;
		return html`<hub-card
			data-testid="person-card"
			heading=${words.who}
			state=${this.problem !== null ? "degraded" : this.session === null ? "loading" : "fine"}
			source="MainHub"
			when=${this.#askedAt === null ? "" : formatTime(this.#askedAt, this.props.locale)}
		>
			<dl>
				${row(words.name, user.name)} ${user.email === null ? nothing : row(words.email, user.email)}
				<dt>${words.roles}</dt>
				<dd class="badges">
					${
						grantedRoles(user).length === 0
							? words.noRole
							: grantedRoles(user).map(
									(role) => html`<fluent-badge appearance="tint" color="informative">${role}</fluent-badge>`,
								)
					}
				</dd>
				${user.tenantId === null ? nothing : html`<dt>${words.tenant}</dt><dd><code>${user.tenantId}</code></dd>`}
				${provider === null ? nothing : row(words.provider, provider)} <dt>${words.session}</dt>
				<dd>${this.#sessionEnd().map((end) => html`<p>${end}</p>`)}</dd>
			</dl>
		</hub-card>`;
	}

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	/** Returns when the session ends, then when it ends without use. */
	#sessionEnd(): readonly string[] {
		const { words, session } = this;
		if (session === null) {
			return [this.problem === null ? words.sessionLoading : words.sessionUnknown];
		}
		const ends = [
			session.expiresAt === null ? null : this.#moment(session.expiresAt),
			session.idleExpiresAt === null ? null : words.sessionIdle(this.#moment(session.idleExpiresAt)),
		].filter((end) => end !== null);
		return ends.length === 0 ? [words.sessionUnknown] : ends;
	}

	#moment(date: Date): string {
		const { locale } = this.props;
		const isToday = date.toDateString() === new Date().toDateString();
		const time = formatTime(date, locale);
		return isToday ? time : this.words.moment(formatDay(date, locale), time);
	}

	async #ask(): Promise<void> {
		const { api, signal } = this.props;
		try {
			const session = parseSession(await api("/auth/session", { signal }));
			this.#askedAt = new Date();
			this.session = session;
		} catch (error) {
			if (error instanceof ApiProblem) {
				this.problem = error;
			} else if (!signal.aborted) {
				throw error;
			}
		}
	}
}

function row(name: string, value: string): TemplateResult {
	return html`<dt>${name}</dt><dd>${value}</dd>`;
}

defineElement("person-card", PersonCard);
