import { defineElement, FeedCard, formatMoment, type HubEvent } from "@mainhub/sdk";
import { css, html, type TemplateResult } from "lit";
import { en, type Messages, type Said } from "./en.js";
import { fr } from "./fr.js";
import { gathered, parseEvents, parseSummaries } from "./happenings.js";

type Events = readonly HubEvent[];

const TYPES_PATH = "/hub/v1/events/types";
/** More would be a page of its own. */
const SHOWN = 8;

/** `<recent-events>`: what the hub tells this person, and what happened in this page. */
export class RecentEvents extends FeedCard<Events> {
	static override styles = [
		...FeedCard.styles,
		css`
			li { display: flex; gap: var(--s3); align-items: baseline }
			.what { flex: 1; min-inline-size: 0 } .what p { overflow-wrap: anywhere }
			time { flex: none; font: var(--t-small); color: var(--ink-3) }
		`,
	];

	/** What the operator says of the company's own types. */
	#summaries: ReadonlyMap<string, string> = new Map();

	protected override readonly path = "/hub/v1/events?limit=100";
	protected override readonly testId = "recent-events";

	private get words(): Messages {
		return this.props.locale === "fr" ? fr : en;
	}

	protected override parse(answer: unknown): Events {
		return parseEvents(answer);
	}

	protected override heading(): string {
		return this.words.events;
	}

	protected override when(): string {
		return this.props.bus.live ? this.words.eventsLive : this.words.eventsNotLive;
	}

	protected override listen(end: AbortSignal): void {
		const { bus } = this.props;
		void this.#learn(end);
		const offs = [
			bus.on("*", () => this.requestUpdate()),
			bus.on("gap", () => this.refresh()),
			bus.on("link", () => this.requestUpdate()),
		];
		end.addEventListener("abort", () => offs.map((off) => off()), { once: true });
	}

	protected override body(known: Events): TemplateResult {
		const { words } = this;
		const events = gathered(known, this.props.bus.history()).slice(0, SHOWN);
		return events.length === 0
			? this.nothingYet(words.noEvents, words.noEventsText)
			: html`<ol class="lines">${events.map((event) => this.#line(event))}</ol>`;
	}

	#line(event: HubEvent): TemplateResult {
		return html`<li data-type=${event.type} data-id=${event.id ?? ""}>
			<div class="what">
				<p>${eventText(event, this.words, this.#summaries.get(event.type))}</p>
				<small>${this.#teller(event)}</small>
			</div>
			<time datetime=${event.timestamp.toISOString()}>${formatMoment(event.timestamp, this.props.locale)}</time>
		</li>`;
	}

	/** Without it such a type is told by its name: the card works all the same. */
	async #learn(signal: AbortSignal): Promise<void> {
		try {
			this.#summaries = parseSummaries(await this.props.api(TYPES_PATH, { signal, background: true }));
			this.requestUpdate();
		} catch {
			this.#summaries = new Map();
		}
	}

	/** Who says so, and by which part of the hub. */
	#teller({ by, source }: HubEvent): string {
		const { frontends, locale, user } = this.props;
		const who = by === null ? null : by.id === user.id ? this.words.you : by.name;
		const app = frontends.find((one) => one.name === source)?.titles[locale];
		const where = app ?? (source === "shell" ? this.words.page : source);
		return who === null ? where : `${who} · ${where}`;
	}
}

/** Returns what happened, in the words of people; *summary* is the operator's for a type of their own. */
export function eventText({ type, data }: Pick<HubEvent, "type" | "data">, words: Messages, summary = ""): string {
	const said: Said = (field) => {
		const value = data[field];
		return typeof value === "string" || typeof value === "boolean" ? String(value) : "";
	};
	const told = Object.hasOwn(words.happened, type) ? words.happened[type] : undefined;
	const text = told?.(said) || summary;
	const [area = type, what = ""] = type.split(":");
	return text === "" ? words.otherEvent(capital(area), what) : text;
}

function capital(word: string): string {
	return word.charAt(0).toLocaleUpperCase() + word.slice(1);
}

defineElement("recent-events", RecentEvents);
