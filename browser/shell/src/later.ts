/** Loads what the page can stand without. */

import { wait } from "./wait.js";

/** Before it is tried again. */
const SECONDS = [0, 2, 10, 30, 60];

/** Tries *load* a few times; never rejects. */
export async function later(what: string, load: () => Promise<unknown>): Promise<void> {
	for (const seconds of SECONDS) {
		try {
			await wait(seconds, new AbortController().signal);
			await load();
			return;
		} catch (error) {
			console.warn(`${what} did not load:`, error);
		}
	}
}
