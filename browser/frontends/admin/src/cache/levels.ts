/** The two levels: how full the one is, how the other is, and what that means for people. */

import { formatCount, type Locale, type RingState } from "@mainhub/sdk";
import { html, nothing, type TemplateResult } from "lit";
import type { CacheState, Level2, Standing } from "./cache.js";
import { size } from "./readable.js";
import type { CacheWords } from "./words.js";

export const RING: Readonly<Record<Standing, RingState>> = {
	none: "none",
	shared: "fine",
	unlinked: "degraded",
	away: "degraded",
};

export function levels({ level1, level2 }: CacheState, words: CacheWords, locale: Locale): TemplateResult {
	const count = (value: number) => formatCount(value, locale);
	return html`<div class="levels">
		<section aria-labelledby="level1">
			<h3 id="level1">${words.level1}</h3>
			<dl data-testid="cache-level1">
				<dt>${words.values}</dt>
				<dd>${words.ofLimit(count(level1.entries), count(level1.maxEntries))}${filled(level1.entries / level1.maxEntries)}</dd>
				<dt>${words.bytes}</dt>
				<dd>${words.ofLimit(size(level1.bytes, locale), size(level1.maxBytes, locale))}${filled(level1.bytes / level1.maxBytes)}</dd>
				<dt>${words.evictions}</dt>
				<dd>${count(level1.evictions)}</dd>
			</dl>
		</section>
		<section aria-labelledby="level2">
			<h3 id="level2">${words.level2}</h3>
			<p class="state" data-testid="cache-level2" data-standing=${level2.standing}>
				<hub-ring state=${RING[level2.standing]}></hub-ring><b>${words.titles[level2.standing]}</b>
			</p>
			<p>${words.meanings[level2.standing]}</p>
			${level2.kind === null ? nothing : facts(level2, words, count)}
		</section>
	</div>`;
}

/** How full, for the eye: the text says it. */
function filled(part: number): TemplateResult {
	const wide = Math.min(100, Math.max(part > 0 ? 1 : 0, part * 100));
	return html`<svg class="filled" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
		<rect class="whole" width="100" height="4"></rect><rect class="part" width=${wide} height="4"></rect>
	</svg>`;
}

function facts(level2: Level2, words: CacheWords, count: (value: number) => string): TemplateResult {
	const line = (name: string, text: string | null) =>
		text === null ? nothing : html`<dt>${name}</dt><dd>${text}</dd>`;
	const heard = level2.standing === "shared" ? (words.coherences[level2.coherence] ?? level2.coherence) : words.unheard;
	return html`<dl>
		${line(words.address, placeOf(level2))}
		${line(words.link, heard)} ${line(words.cause, level2.cause)}
		${line(words.keys, level2.keys === null ? null : words.about(count(level2.keys)))}
		${line(words.pending, level2.pending === 0 ? null : words.pendingText(count(level2.pending)))}
	</dl>`;
}

/** A URL says itself what it is of. */
function placeOf({ kind, address }: Level2): string {
	const names = address?.includes("://") ? [] : [KINDS[kind ?? ""] ?? kind];
	return [...names, address].filter(Boolean).join(", ");
}

const KINDS: Readonly<Record<string, string>> = { redis: "Redis", memory: "" };
