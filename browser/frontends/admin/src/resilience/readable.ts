/** Numbers and durations of a pipeline as people read them. */

import { formatCount, formatSeconds, type Locale, NBSP } from "@mainhub/sdk";
import { type PipelineItem, secondsUntil } from "./resilience.js";
import type { ResilienceWords } from "./words.js";

/** Returns `8 s`, `0.5 s`, `4 min 12 s`. */
export function duration(seconds: number, locale: Locale): string {
	if (seconds < 60) {
		return Number.isInteger(seconds) ? `${seconds}${NBSP}s` : formatSeconds(seconds, locale);
	}
	const whole = Math.round(seconds);
	const rest = whole % 60 === 0 ? "" : ` ${whole % 60}${NBSP}s`;
	return `${formatCount(Math.floor(whole / 60), locale)}${NBSP}min${rest}`;
}

/** Returns a share of one in percent, without its sign. */
export function percent(share: number, locale: Locale): string {
	return formatCount(Math.round(share * 100), locale);
}

/** What is read of a pipeline, at a moment, in a language. */
export class Reading {
	readonly #item: PipelineItem;
	readonly #words: ResilienceWords;
	readonly #locale: Locale;
	readonly #now: Date;
	readonly #aheadMs: number;

	constructor(item: PipelineItem, words: ResilienceWords, locale: Locale, now: Date, aheadMs: number) {
		this.#item = item;
		this.#words = words;
		this.#locale = locale;
		this.#now = now;
		this.#aheadMs = aheadMs;
	}

	count(value: number): string {
		return formatCount(value, this.#locale);
	}

	get state(): string {
		const { state } = this.#item;
		return state === null ? this.#words.noBreaker : this.#words.states[state];
	}

	/** Why it is in its state, and who made it so; `null` when nothing brought it there. */
	get cause(): string | null {
		const { cause, changedBy } = this.#item;
		return cause === null ? null : this.why(cause, changedBy);
	}

	why(cause: string, by: string | null): string {
		const told = this.#words.causes[cause] ?? cause;
		return by === null ? told : this.#words.byWhom(told, by);
	}

	/** When it lets a call try again, `null` unless it is open. */
	get nextTry(): string | null {
		const { state, nextProbeAt } = this.#item;
		if (state !== "open") {
			return null;
		}
		const seconds = nextProbeAt === null ? 0 : secondsUntil(nextProbeAt, this.#now, this.#aheadMs);
		// It tries when somebody calls, not before.
		return seconds === 0 ? this.#words.nextNow : this.#words.nextIn(duration(seconds, this.#locale));
	}

	/** How long it was asked to be quiet, `null` when it was not, or is no more. */
	get pause(): string | null {
		const { pausedUntil } = this.#item;
		const seconds = pausedUntil === null ? 0 : secondsUntil(pausedUntil, this.#now, this.#aheadMs);
		return seconds === 0 ? null : this.#words.pausedText(duration(seconds, this.#locale));
	}

	/** How many failed of how many, and how many in a row; `null` without a breaker. */
	get window(): readonly [string, string] | null {
		const { window } = this.#item;
		if (window === null) {
			return null;
		}
		const words = this.#words;
		const share = words.failedOf(this.count(window.failures), this.count(window.calls));
		const row = words.inRow(this.#ofLimit(window.consecutive, this.#item.thresholds?.consecutive ?? null));
		return [`${share} ${words.inSeconds(duration(window.seconds, this.#locale))}`, row];
	}

	get inFlight(): string {
		return this.#ofLimit(this.#item.inFlight, this.#item.bulkhead?.limit ?? null);
	}

	get queued(): string {
		return this.#ofLimit(this.#item.queued, this.#item.bulkhead?.queue ?? null);
	}

	/** Each reason with how often. */
	get reasons(): readonly (readonly [string, string])[] {
		return this.#item.rejected.map(([reason, count]) => [this.#words.reasons[reason] ?? reason, this.count(count)]);
	}

	#ofLimit(value: number, limit: number | null): string {
		return limit === null ? this.count(value) : this.#words.ofLimit(this.count(value), this.count(limit));
	}
}
