/** Ends the person's session, and begins it again where they were. */

import { type Api, type ApiProblem, isRecord } from "@mainhub/sdk/core";

const AGAIN_KEY = "mainhub-signed-in-again";
/** Twice within this time would be a circle: the sign-in succeeds, yet the hub knows nobody. */
const CIRCLE_SECONDS = 15;

export interface SessionWorld {
	readonly window: Window;
	readonly loadPage: (url: string) => void;
	/** Signing in again has just been tried. */
	readonly giveUp: (login: string) => void;
}

/** Returns what signs in again, once, keeping the address. */
export function signInAgain(world: SessionWorld): (problem: ApiProblem) => void {
	let underway = false;
	return () => {
		if (underway) {
			return;
		}
		underway = true;
		const { location, sessionStorage } = world.window;
		const here = location.pathname + location.search + location.hash;
		const login = `/auth/login?return_to=${encodeURIComponent(here)}`;
		const last = Number(sessionStorage.getItem(AGAIN_KEY) ?? 0);
		if (Date.now() - last < CIRCLE_SECONDS * 1000) {
			world.giveUp(login);
			return;
		}
		sessionStorage.setItem(AGAIN_KEY, String(Date.now()));
		world.loadPage(login);
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
