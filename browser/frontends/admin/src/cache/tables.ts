/** The chart as a table, and the counts since the start. */

import { formatCount, formatTime, type Locale } from "@mainhub/sdk";
import { html, type TemplateResult } from "lit";
import { type CacheState, TOTALS } from "./cache.js";
import { type History, hitRatio, minutes } from "./history.js";
import { share } from "./readable.js";
import type { CacheWords } from "./words.js";

const COLUMNS = ["level1", "level2", "stale", "misses", "errors"] as const;

/** For whoever cannot see the chart or wants the numbers. */
export function history({ points }: History, words: CacheWords, locale: Locale): TemplateResult {
	return html`<details data-testid="chart-table">
		<summary>${words.asTable}</summary>
		<div class="bounded" tabindex="0" role="region" aria-label=${words.asTable}>
			<table>
				<caption>${words.asTable}</caption>
				<thead>
					<tr>
						<th scope="col">${words.minute}</th>
						<th scope="col" class="number">${words.ratio}</th>
						${COLUMNS.map((name) => html`<th scope="col" class="number">${words.counts[name]}</th>`)}
					</tr>
				</thead>
				<tbody>
					${minutes(points).map((point) => {
						const ratio = hitRatio(point);
						return html`<tr>
							<th scope="row">${formatTime(point.at, locale)}</th>
							<td class="number">${ratio === null ? "–" : share(ratio, locale)}</td>
							${COLUMNS.map((name) => html`<td class="number">${formatCount(point[name], locale)}</td>`)}
						</tr>`;
					})}
				</tbody>
			</table>
		</div>
	</details>`;
}

export function totals({ totals: all, refused }: CacheState, words: CacheWords, locale: Locale): TemplateResult {
	return html`<details class="totals" data-testid="cache-totals">
		<summary>${words.totals}</summary>
		<dl>
			${TOTALS.map((name) => html`<dt>${words.totalNames[name]}</dt><dd>${formatCount(all[name], locale)}</dd>`)}
			${refused.map(([reason, count]) => html`<dt>${words.refused}<small>${reason}</small></dt><dd>${formatCount(count, locale)}</dd>`)}
		</dl>
	</details>`;
}
