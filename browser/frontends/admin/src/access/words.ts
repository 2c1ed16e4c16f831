import type { Locale } from "@mainhub/sdk";
import { type AccessWords, en } from "./words-en.js";
import { fr } from "./words-fr.js";

export type { AccessWords } from "./words-en.js";

export const ACCESS_WORDS: Readonly<Record<Locale, AccessWords>> = { en, fr };
