/** The side panel of one key: all that is known of it. */

import { type ApiProblem, formatClock, type Locale, type RingState } from "@mainhub/sdk";
import { html, nothing, type TemplateResult } from "lit";
import type { Found, Outcome } from "./cache.js";
import { lasting, size } from "./readable.js";
import type { CacheWords } from "./words.js";

/** What is known of the key that was asked for. */
export type Sought =
	| { readonly kind: "looking" }
	| { readonly kind: "found"; readonly found: Found; readonly at: Date }
	| { readonly kind: "failed"; readonly problem: ApiProblem };

const RING: Readonly<Record<Outcome, RingState>> = {
	hit: "fine",
	miss: "none",
	stale: "stale",
	unavailable: "degraded",
};

export function facts(found: Found, at: Date, words: CacheWords, locale: Locale): TemplateResult {
	const line = (name: string, text: string | null) =>
		text === null ? nothing : html`<dt>${name}</dt><dd>${text}</dd>`;
	const { level, age, expiresIn } = found;
	return html`<dl data-testid="cache-facts" data-outcome=${found.outcome}>
			<dt>${words.state}</dt>
			<dd>
				<span class="state"><hub-ring state=${RING[found.outcome]}></hub-ring>${words.outcomes[found.outcome]}</span>
				<div>${words.outcomeTexts[found.outcome]}</div>
			</dd>
			${line(words.level, level === null ? null : (words.levels[level] ?? String(level)))}
			${line(words.age, age === null ? null : words.ago(lasting(age, locale)))}
			${line(words.ends, expiresIn === null ? null : until(expiresIn, words, locale))}
			${line(words.size, found.size === null ? null : size(found.size, locale))}
			${line(words.tags, found.isFound ? found.tags.join(", ") || words.noTags : null)}
		</dl>
		${found.preview === null ? nothing : preview(found.preview, found.isBytes, words)}
		<small class="at">${formatClock(at, locale)}</small>`;
}

/** When its time is over, or since when it is. */
export function until(seconds: number, words: CacheWords, locale: Locale): string {
	const told = lasting(seconds, locale);
	return seconds < 0 ? words.ended(told) : words.endsIn(told);
}

function preview(text: string, isBytes: boolean, words: CacheWords): TemplateResult {
	const heading = isBytes ? words.previewBytes : text.endsWith("…") ? words.preview : words.whole;
	return html`<section>
		<h4>${heading}</h4>
		<pre tabindex="0" role="region" aria-label=${heading} data-testid="cache-preview">${text}</pre>
	</section>`;
}
