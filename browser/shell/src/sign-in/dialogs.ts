/** What the person is asked about their session: to prove who they are, or whether they are still there. */

import { element, ring } from "../element.js";
import type { Preferences } from "../preferences.js";
import type { Kind } from "./asking.js";
import { signInWords } from "./words.js";

/** Says that something is for the person to do again. */
export function repeatWords(preferences: Preferences): string {
	return signInWords(preferences).repeat;
}

export interface AskDialog {
	readonly show: (state: "asks" | "waits" | "failed") => void;
	readonly close: () => void;
}

export interface AskDeeds {
	readonly open: () => void;
	/** In this page, which is left. */
	readonly leave: () => void;
	readonly cancel: () => void;
}

export function askDialog(kind: Kind, preferences: Preferences, deeds: AskDeeds): AskDialog {
	let state: "asks" | "waits" | "failed" = "asks";
	const modal = new Modal(`ask-${kind}`, preferences, deeds.cancel, () => {
		const words = signInWords(preferences);
		const { title, text, go } = words[kind];
		const told = { asks: text, waits: words.waiting, failed: words.failed }[state];
		return {
			mark: ring(state === "failed" ? "failed" : state === "waits" ? "loading" : "refused"),
			title,
			content: [
				element("p", { role: "status", "data-testid": "ask-says" }, told),
				element("p", { class: "small dim" }, words.hereLoses),
			],
			acts: [
				["ask-go", state === "asks" ? go : words.openAgain, deeds.open],
				["ask-here", words.here, deeds.leave],
				["ask-cancel", words.cancel, deeds.cancel],
			],
		};
	});
	return {
		show: (next) => {
			state = next;
			modal.show();
		},
		close: () => modal.close(),
	};
}

export interface IdleDialog {
	/** *ends* in milliseconds by this computer's clock; *isLimit*: staying does not help, signing in does. */
	readonly show: (ends: number, isLimit: boolean) => void;
	readonly failed: () => void;
	readonly close: () => void;
}

export interface IdleDeeds {
	readonly stay: () => void;
	readonly signIn: () => void;
	readonly signOut: () => void;
}

/** When a screen reader says anew how long is left; each second would be too much. */
const SAID_SECONDS: ReadonlySet<number> = new Set([60, 30, 10]);

export function idleDialog(preferences: Preferences, deeds: IdleDeeds): IdleDialog {
	const clock = element("span", { class: "left", role: "timer", "data-testid": "idle-left" });
	const said = element("p", { class: "sr", role: "status" });
	let ends = 0;
	let isLimit = false;
	let hasFailed = false;
	let timer: ReturnType<typeof setInterval> | undefined;
	const modal = new Modal("idle", preferences, deeds.stay, () => {
		const words = signInWords(preferences);
		return {
			mark: ring("stale"),
			title: isLimit ? words.limitTitle : words.idleTitle,
			content: [
				element("p", {}, isLimit ? words.limitText : words.idleText),
				element("p", { class: "row dim" }, words.left, clock),
				...(hasFailed ? [element("p", { role: "alert" }, words.stayFailed)] : []),
				said,
			],
			acts: [
				isLimit
					? ["idle-sign-in", signInWords(preferences).login.go, deeds.signIn]
					: ["idle-stay", words.stay, deeds.stay],
				["idle-sign-out", words.signOut, deeds.signOut],
			],
		};
	});
	const tick = () => {
		const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
		const [minutes, seconds] = [Math.floor(left / 60), left % 60];
		clock.replaceChildren(`${minutes}:${String(seconds).padStart(2, "0")}`);
		if (SAID_SECONDS.has(left)) {
			said.replaceChildren(signInWords(preferences).leftSaid({ minutes, seconds }));
		}
	};
	return {
		show: (when, atLimit) => {
			const isNew = timer === undefined || isLimit !== atLimit;
			ends = when;
			isLimit = atLimit;
			timer ??= setInterval(tick, 1000);
			tick();
			if (isNew) {
				modal.show();
			}
		},
		failed: () => {
			hasFailed = true;
			modal.show();
		},
		close: () => {
			clearInterval(timer);
			timer = undefined;
			modal.close();
		},
	};
}

interface Drawn {
	readonly mark: Node;
	readonly title: string;
	readonly content: readonly Node[];
	/** Test id, label, deed; the first one is the one to take. */
	readonly acts: readonly (readonly [string, string, () => void])[];
}

/** A dialog that holds the page still; Escape is *escape*. */
class Modal {
	readonly #element: HTMLDialogElement;
	readonly #draw: () => Drawn;
	readonly #end = new AbortController();

	constructor(name: string, preferences: Preferences, escaped: () => void, draw: () => Drawn) {
		const [titleId, textId] = [`${name}-title`, `${name}-text`];
		this.#draw = draw;
		this.#element = element("dialog", {
			class: "ask",
			role: "alertdialog",
			"aria-labelledby": titleId,
			"aria-describedby": textId,
			"data-testid": name,
		});
		this.#element.addEventListener("cancel", (event) => {
			event.preventDefault();
			escaped();
		});
		// Beside the page: what is covered there stays so.
		document.body.append(this.#element);
		preferences.watch(() => this.#fill(titleId, textId), this.#end.signal);
	}

	show(): void {
		this.#fill(`${this.#element.dataset["testid"]}-title`, `${this.#element.dataset["testid"]}-text`);
		if (!this.#element.open) {
			this.#element.showModal();
		}
		this.#element.querySelector<HTMLElement>(".b-go")?.focus();
	}

	close(): void {
		this.#end.abort();
		this.#element.close();
		this.#element.remove();
	}

	#fill(titleId: string, textId: string): void {
		const { mark, title, content, acts } = this.#draw();
		const buttons = acts.map(([testId, label, deed], place) =>
			element(
				"button",
				{ class: place === 0 ? "b b-go" : "b", type: "button", "data-testid": testId, onclick: deed },
				label,
			),
		);
		this.#element.replaceChildren(
			element("h2", { id: titleId, class: "row" }, mark, title),
			element("div", { id: textId, class: "ask-text" }, ...content),
			element("p", { class: "acts" }, ...buttons),
		);
	}
}
