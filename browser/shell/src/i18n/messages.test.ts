import { expect, test } from "vitest";
import { en as liveEn } from "../live/words-en.js";
import { fr as liveFr } from "../live/words-fr.js";
import { en as pageEn } from "../own-page/words-en.js";
import { fr as pageFr } from "../own-page/words-fr.js";
import { en as signInEn } from "../sign-in/words-en.js";
import { fr as signInFr } from "../sign-in/words-fr.js";
import { en as shellEn } from "./en.js";
import { fr as shellFr } from "./fr.js";

const en = { ...shellEn, live: liveEn, page: pageEn, signIn: signInEn };
const fr = { ...shellFr, live: liveFr, page: pageFr, signIn: signInFr };

const FACTS = { status: 503, tries: 3, seconds: 8 };

/** Every text of *messages*, those that functions make included. */
function texts(messages: object): string[] {
	return Object.values(messages).flatMap((entry: unknown) => {
		if (typeof entry === "function") {
			return [String(entry.length > 0 ? safely(entry as (value: unknown) => unknown) : entry())];
		}
		return typeof entry === "object" && entry !== null ? texts(entry) : [String(entry)];
	});
}

function safely(entry: (value: unknown) => unknown): unknown {
	const text = String(entry("X"));
	return text.includes("undefined") ? entry(FACTS) : text;
}

test("both languages say the same things", () => {
	expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
	expect(texts(fr)).toHaveLength(texts(en).length);
});

test("nothing is said empty or unfinished", () => {
	for (const text of [...texts(fr), ...texts(en)]) {
		expect(text.trim()).not.toBe("");
		expect(text).not.toMatch(/undefined|null|\[object/);
	}
});

test("breaks no French line before its punctuation", () => {
	expect(texts(fr).filter((text) => / [;:!?%]/.test(text))).toEqual([]);
});
