/** How a widget's box looks from within: skeleton, failure card, note. The page's tokens reach inside. */

const RULES = `
:host{display:block;min-width:0;height:100%;color:var(--ink);font:var(--t-body)}
*,::before,::after{box-sizing:border-box} h2,p{margin:0}
.place-content{height:100%} .place-content>*{height:100%} .place-content:not(:empty)+.widget-skeleton{display:none}
.widget-skeleton,.widget-card{display:grid;align-content:start;gap:var(--s3);height:100%;min-height:9rem;padding:var(--s4);background:var(--card);border:1px solid var(--line);border-radius:var(--r-l);box-shadow:var(--e1)}
.widget-skeleton{opacity:0;animation:appear 1ms linear var(--m-wait,120ms) forwards} .widget-skeleton span{height:.75rem;border-radius:var(--r-s);background:var(--line-strong);opacity:.7} .widget-skeleton span:first-child{width:40%} .widget-skeleton span:last-child{width:70%}
@keyframes appear{to{opacity:1}}
.widget-card{border-color:var(--bad-line);gap:var(--s2)} .widget-card h2{display:flex;align-items:center;gap:var(--s2);font:var(--t-h3)} .widget-card p{font:var(--t-dense);color:var(--ink-2)}
.trace{display:flex;flex-wrap:wrap;align-items:center;gap:var(--s1);min-width:0;font:var(--t-small)!important;color:var(--ink-3)!important} .trace code{font-family:var(--mono);overflow-wrap:anywhere;min-width:0}
.banner{display:flex;flex-wrap:wrap;align-items:center;gap:var(--s2);margin-bottom:var(--s2);padding:var(--s2) var(--s3);background:var(--warn-soft);color:var(--warn-ink);border:1px solid var(--warn-line);border-radius:var(--r-l);font:var(--t-dense)} .banner p{flex:1 1 8rem}
.b,.ib{display:inline-flex;align-items:center;justify-content:center;gap:.375rem;min-height:var(--ctl);padding:0 var(--s3);border:1px solid var(--line-strong);border-radius:var(--r-s);background:var(--card);color:var(--ink);font:var(--t-body);font-weight:var(--w-strong);cursor:pointer} .b:hover,.ib:hover{background:linear-gradient(var(--hover),var(--hover)) var(--card)} .banner .b{background:none;border-color:var(--warn-line);color:inherit} .ib{min-width:var(--ctl);padding:0;border:0;background:none;color:var(--ink-2)}
:focus-visible{outline:2px solid transparent;box-shadow:var(--focus-ring)}
.i,.ring{flex:none;width:1rem;height:1rem;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round} .f{fill:currentColor;stroke:none} .ring-failed{color:var(--bad-mark)} .ring-degraded{color:var(--warn-mark)}
@media (forced-colors:active){.b,.banner,.widget-card{border:1px solid}}
`;
let sheet: CSSStyleSheet | null = null;

/** Returns the one style sheet of all boxes. */
export function widgetStyle(): CSSStyleSheet {
	if (sheet === null) {
		sheet = new CSSStyleSheet();
		sheet.replaceSync(RULES);
	}
	return sheet;
}
