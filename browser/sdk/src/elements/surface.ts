import { css } from "lit";

/**
 * Styles for a front-end's own shadow root: type, links, tags, tables, buttons (`.b`) and Fluent's elements
 * as the hub wears them, those that Fluent has not defined yet included.
 */
export const surface = css`
	:host { display: block; color: var(--ink); font: var(--t-body) }
	*, ::before, ::after { box-sizing: border-box }
	h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0 }
	ul, ol { list-style: none }
	h1 { font: var(--t-h1); letter-spacing: -.012em; text-wrap: balance }
	h2 { font: var(--t-h2) }
	h3 { font: var(--t-h3) }
	a { color: var(--accent-ink); text-decoration-thickness: 1px; text-underline-offset: .2em }
	:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus-ring); border-radius: var(--r-s) }
	code { font-family: var(--mono); font-size: .92em; font-variant-ligatures: none }

	.b, fluent-button {
		display: inline-flex; align-items: center; justify-content: center; min-inline-size: 0;
		min-block-size: var(--ctl); padding: 0 var(--s3); font: var(--t-body); font-weight: var(--w-strong);
		border: 1px solid var(--line-strong); border-radius: var(--r-s); background: var(--card); color: var(--ink); cursor: pointer;
	}
	.b, fluent-button:not(:defined) { gap: .375rem }
	.b:hover, fluent-button:hover { background: linear-gradient(var(--hover), var(--hover)) var(--card); border-color: var(--line-control); color: var(--ink) }
	.b:active, fluent-button:active { background: linear-gradient(var(--pressed), var(--pressed)) var(--card) }
	.b:focus-visible, fluent-button:focus-visible { outline: 2px solid transparent; box-shadow: var(--focus-ring) }
	.b hub-icon, fluent-button hub-icon { inline-size: 1rem; block-size: 1rem }

	fluent-badge {
		display: inline-flex; align-items: center; vertical-align: middle; min-inline-size: 0; block-size: 1.25rem; padding: 0 .375rem; border: 0;
		border-radius: var(--r-s); font: var(--t-small); white-space: nowrap; background: var(--idle-soft); color: var(--idle-ink);
	}
	fluent-badge::after { border: 0 }
	fluent-badge[color="success"] { background: var(--ok-soft); color: var(--ok-ink) }
	fluent-badge[color="warning"] { background: var(--warn-soft); color: var(--warn-ink) }
	fluent-badge[color="danger"] { background: var(--bad-soft); color: var(--bad-ink) }
	fluent-badge[color="informative"] { background: var(--info-soft); color: var(--info-ink) }

	table { inline-size: 100%; border-collapse: collapse; font: var(--t-dense) }
	th {
		block-size: 2rem; padding: 0 var(--s3); font: var(--t-small); font-weight: var(--w-strong); color: var(--ink-3);
		text-align: start; white-space: nowrap; border-block-end: 1px solid var(--line);
	}
	td { block-size: var(--row); padding: 0 var(--s3); border-block-end: 1px solid var(--line) }
	tr:last-child td { border-block-end: 0 }
	th:first-child, td:first-child { padding-inline-start: var(--s4) }
	th:last-child, td:last-child { padding-inline-end: var(--s4) }
	tbody tr:hover { background: var(--hover) }
	.number { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums }
`;
