/** A trace id that can be copied into a message to whoever looks after the hub. */

import { element, icon } from "./element.js";
import type { Preferences } from "./preferences.js";

export function traceLine(traceId: string, preferences: Preferences): HTMLElement {
	const { words } = preferences;
	const said = element("span", { role: "status" });
	const code = element("code", {}, traceId);
	const confirm = () => said.replaceChildren(words.copied);
	// Without permission, or outside a secure context, the id is at least selected.
	const select = () => getSelection()?.selectAllChildren(code);
	const copy = element(
		"button",
		{
			class: "ib",
			type: "button",
			"aria-label": words.copyTrace(traceId),
			onclick: () =>
				navigator.clipboard === undefined ? select() : navigator.clipboard.writeText(traceId).then(confirm, select),
		},
		icon("copy"),
	);
	return element("p", { class: "trace" }, `${words.trace} `, code, copy, said);
}
