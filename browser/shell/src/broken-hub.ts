/** The drawing beside a failure. */

import { drawing } from "./element.js";

/** A hub with one of its places cut off. */
export function brokenHub(): SVGElement {
	return drawing("art", "0 0 300 300", [
		{ class: "q dots", d: "M30 150a120 120 0 1 0 240 0a120 120 0 1 0-240 0z" },
		{ d: "M201 65.2A99 99 0 1 0 243.5 117.5M116 150a34 34 0 1 0 68 0a34 34 0 1 0-68 0z" },
		{ class: "a f", d: "M141 150a9 9 0 1 0 18 0a9 9 0 1 0-18 0z" },
		{ class: "q", d: "M150 116V51M120.5 167 64.3 199.5M179.5 167l56.2 32.5M120.6 133 64.3 100.5" },
		{
			class: "f",
			d: "M144 51a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM58.3 199.5a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM229.7 199.5a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM58.3 100.5a6 6 0 1 0 12 0a6 6 0 1 0-12 0z",
		},
		{ class: "x", d: "m179.5 133 18-10.4M229 87a17 17 0 1 0 34 0a17 17 0 1 0-34 0zM240 81l12 12M252 81l-12 12" },
		{ class: "x gap", d: "m214 113 13-7.5" },
	]);
}
