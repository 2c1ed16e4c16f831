/** The words of signing in again in an open page. */

import type { Preferences } from "../preferences.js";
import { en, type SignInWords } from "./words-en.js";
import { fr } from "./words-fr.js";

export function signInWords({ locale }: Pick<Preferences, "locale">): SignInWords {
	return locale === "fr" ? fr : en;
}
