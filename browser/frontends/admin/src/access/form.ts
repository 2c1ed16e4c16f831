/** What is typed to give something, with the change that it makes told before; the chips of a filter. */

import type { Locale } from "@mainhub/sdk";
import { html, nothing, type TemplateResult } from "lit";
import { type Access, type Choice, type Draft, KINDS, type Kind, type Wanted } from "./access.js";
import { holderTold, lastDay, rightsTold } from "./told.js";
import type { AccessWords } from "./words.js";

const ADMIN = "Admin";

export interface GiveForm {
	readonly words: AccessWords;
	readonly locale: Locale;
	readonly draft: Draft;
	readonly access: Access;
	readonly choices: readonly Choice[];
	/** What the draft means; `null`: something is missing. */
	readonly wanted: Wanted | null;
	readonly isBusy: boolean;
	readonly type: (draft: Partial<Draft>) => void;
	readonly give: () => void;
}

export function giveForm(form: GiveForm): TemplateResult {
	const { words, draft, access, choices, wanted, isBusy, type, give } = form;
	const submit = (event: Event) => {
		event.preventDefault();
		give();
	};
	return html`<form data-testid="access-form" @submit=${submit}>
		<label class="field">
			${words.giveTo}
			<select
				data-testid="access-kind" ?disabled=${isBusy}
				@change=${(event: Event) => type({ kind: (event.target as HTMLSelectElement).value as Kind, who: "" })}
			>
				${KINDS.map((kind) => html`<option value=${kind} .selected=${kind === draft.kind}>${words.kindsMany[kind]}</option>`)}
			</select>
		</label>
		${field(form, "who", words.who[draft.kind], words.whoHelp[draft.kind], choices)}
		${field(form, "roles", words.roles, words.rightsHelp, named(access.knownRoles))}
		${field(form, "permissions", words.permissions, words.rightsHelp, named(access.knownPermissions))}
		<label class="field">
			${words.untilDay}
			<input
				type="date" data-testid="access-until" .value=${draft.until} ?disabled=${isBusy}
				@input=${(event: InputEvent) => type({ until: (event.target as HTMLInputElement).value })}
			/>
		</label>
		${preview(form)}
		<div class="acts">
			<button class="b b-go" type="submit" data-testid="access-give-yes" ?disabled=${isBusy || wanted === null}>${words.giveYes}</button>
		</div>
	</form>`;
}

/** The change, before it is made. */
function preview({ words, locale, wanted }: GiveForm): TemplateResult {
	return html`<div class="change" role="status" data-testid="access-change">
		<strong>${words.change}</strong>
		${
			wanted === null
				? html`<p>${words.notYet}</p>`
				: html`<p>${words.gains(holderTold(wanted.to, words), rightsTold(wanted, locale))}</p>
						${wanted.roles.includes(ADMIN) ? html`<p>${words.isAdmin}</p>` : nothing}
						${wanted.until === null ? nothing : html`<p>${words.ends(lastDay(wanted.until, locale))}</p>`}
						<p>${words.at}</p>`
		}
	</div>`;
}

function named(names: readonly string[]): readonly Choice[] {
	return names.map((name) => ({ name, label: name, title: null }));
}

function field(
	{ draft, isBusy, type }: GiveForm,
	name: "who" | "roles" | "permissions",
	label: string,
	help: string,
	choices: readonly Choice[],
): TemplateResult {
	return html`<label class="field">
			${label}
			<input
				type="text" autocomplete="off" spellcheck="false" data-testid=${`access-${name}`} list=${`access-list-${name}`}
				aria-describedby=${`access-help-${name}`} .value=${draft[name]} ?disabled=${isBusy}
				@input=${(event: InputEvent) => type({ [name]: (event.target as HTMLInputElement).value })}
			/>
			<small id=${`access-help-${name}`}>${help}</small>
		</label>
		<datalist id=${`access-list-${name}`}>${choices.map((one) => html`<option value=${one.label}></option>`)}</datalist>`;
}

export interface Chip<T> {
	readonly value: T;
	readonly label: string;
	readonly count: number;
}

/** Buttons of which one is chosen, each with how much it shows. */
export function filterChips<T>(
	chips: readonly Chip<T>[],
	chosen: T,
	label: string,
	choose: (value: T) => void,
): TemplateResult {
	return html`<div class="chips" role="group" aria-label=${label}>
		${chips.map(
			(chip) => html`<button
				class="chip" type="button" data-testid="chip" aria-pressed=${chip.value === chosen ? "true" : "false"} @click=${() => choose(chip.value)}
			>${chip.label} ${chip.count}</button>`,
		)}
	</div>`;
}
