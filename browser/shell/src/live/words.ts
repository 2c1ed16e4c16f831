/** The words of what is loaded after the page stands. */

import type { Preferences } from "../preferences.js";
import { en, type LiveWords } from "./words-en.js";
import { fr } from "./words-fr.js";

export function liveWords({ locale }: Pick<Preferences, "locale">): LiveWords {
	return locale === "fr" ? fr : en;
}
