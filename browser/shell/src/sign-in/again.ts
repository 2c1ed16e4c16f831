/** Ends the person's session, and begins it again where they were. */

import { type Api, isRecord } from "@mainhub/sdk/core";

const AGAIN_KEY = "mainhub-signed-in-again";
/** Twice within this time would be a circle: the sign-in succeeds, yet the hub knows nobody. */
const CIRCLE_SECONDS = 15;

export interface SessionWorld {
	readonly window: Window;
	readonly loadPage: (url: string) => void;
	/** Signing in again has just been tried: only the person can know whether once more may help. */
	readonly giveUp: () => void;
}

/** Returns where to sign in, so that the person then comes back to *location*. */
export function signInUrl({ pathname, search, hash }: Location): string {
	return `/auth/login?return_to=${encodeURIComponent(pathname + search + hash)}`;
}

/** Returns what signs in again, once, keeping the address. */
export function signInAgain(world: SessionWorld): () => void {
	let underway = false;
	// The person has come back to this page by the browser's history.
	world.window.addEventListener("pageshow", () => {
		underway = false;
	});
	return () => {
		if (underway) {
			return;
		}
		const { location, sessionStorage } = world.window;
		const last = Number(sessionStorage.getItem(AGAIN_KEY) ?? 0);
		if (Date.now() - last < CIRCLE_SECONDS * 1000) {
			world.giveUp();
			return;
		}
		underway = true;
		sessionStorage.setItem(AGAIN_KEY, String(Date.now()));
		world.loadPage(signInUrl(location));
	};
}

/**
 * Ends the session here, then goes where it ends at the identity provider.
 *
 * @throws ApiProblem when the hub could not end it.
 */
export async function signOut(api: Api, loadPage: (url: string) => void): Promise<void> {
	const answer = await api("/auth/logout", { method: "POST" });
	const location = isRecord(answer) ? answer["location"] : null;
	loadPage(typeof location === "string" ? location : "/");
}
