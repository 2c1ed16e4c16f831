import { css } from "lit";

/** What the section of the cache wears besides what all sections do. */
export const STYLES = css`
	.lead { padding: 0 var(--s4) var(--s3); font: var(--t-read) }
	.over-time, .totals { padding: 0 var(--s4) var(--s3) }
	summary { cursor: pointer; color: var(--accent-ink); font: var(--t-dense); min-block-size: 1.5rem; inline-size: fit-content }
	.over-time summary { margin-block-start: var(--s2) }
	tbody th { font: inherit; color: var(--ink-2); font-weight: 400 }
	.levels { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); border-block: 1px solid var(--line) }
	.levels section { padding: var(--s3) var(--s4); font: var(--t-dense); display: grid; gap: var(--s2); align-content: start }
	.levels section + section { border-inline-start: 1px solid var(--line) }
	.levels p { color: var(--ink-2); max-inline-size: var(--measure) }
	.levels .state { color: var(--ink) }
	.levels dl, .totals dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--s1) var(--s3) }
	.totals dl { grid-template-columns: auto auto; inline-size: fit-content; font: var(--t-dense) }
	.levels dt, .totals dt { color: var(--ink-2) }
	.levels dd, .totals dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
	.totals dd { text-align: end }
	.filled { display: block; inline-size: 100%; max-inline-size: 16rem; block-size: 4px; margin-block-start: .25rem; border-radius: 2px }
	.filled .whole { fill: var(--line) } .filled .part { fill: var(--c1) }
	.forms { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)) }
	.forms form.bar { border-block-start: 0; padding-block-start: var(--s3); align-content: start }
	.forms form + form { border-inline-start: 1px solid var(--line) }
	.forms .grow { flex: 1 1 10rem }
	.forms .grow input { inline-size: 100%; font-family: var(--mono); font-size: .8125rem }
	.question { flex: 1 1 100%; padding-block: var(--s2); font: var(--t-dense); color: var(--ink-2) }
	.question b { color: var(--ink); overflow-wrap: anywhere }
	.hot { border-block-start: 1px solid var(--line); padding-block: var(--s3) }
	.hot h3 { padding-inline: var(--s4) }
	.hot .open-row { font-family: var(--mono); font-size: .8125rem }
	.split.open .roomy { display: none }
	.totals { border-block-start: 1px solid var(--line); padding-block-start: var(--s3) }
	.totals dl { margin-block-start: var(--s2) }
	aside section { display: grid; gap: var(--s1) }
	aside h4 { margin: 0; font: var(--t-dense); font-weight: var(--w-strong) }
	aside h3 { font-family: var(--mono); font-size: .875rem }
	aside .at { color: var(--ink-3); font: var(--t-small) }
	aside .mishap { margin-inline: 0 }
	@media (forced-colors: active) { .filled { forced-color-adjust: none } .filled .whole { fill: GrayText } .filled .part { fill: CanvasText } }
	@media (max-width: 1100px) { .split.open .forms, .split.open .levels { grid-template-columns: minmax(0, 1fr) } .split.open form + form, .split.open .levels section + section { border-inline-start: 0; border-block-start: 1px solid var(--line) } }
	@media (max-width: 900px) {
		.forms, .levels { grid-template-columns: minmax(0, 1fr) }
		.forms form + form, .levels section + section { border-inline-start: 0; border-block-start: 1px solid var(--line) }
	}
`;
