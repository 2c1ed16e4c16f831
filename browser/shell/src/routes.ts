/** Which front-end a path belongs to. */

import type { FrontendEntry } from "./boot.js";

/**
 * Whether *path*, without escapes, lies under *route*: `/` is only itself, `/orders` is itself and everything below
 * it by segment (`/orders/1`, never `/orders2`).
 */
export function matchesRoute(path: string, route: string): boolean {
	const stem = route.endsWith("/") ? route.slice(0, -1) : route;
	if (stem === "") {
		return path === "/";
	}
	return path === stem || path.startsWith(`${stem}/`);
}

/**
 * Returns the front-end whose longest route holds *path*, or `null`. As on the server, `/order%73`
 * is `/orders`; a path whose escapes are no text belongs to nobody.
 */
export function ownerOf<Entry extends Pick<FrontendEntry, "routes">>(
	path: string,
	frontends: readonly Entry[],
): Entry | null {
	const plain = unescaped(path);
	if (plain === null) {
		return null;
	}
	let owner: Entry | null = null;
	let longest = -1;
	for (const frontend of frontends) {
		for (const route of frontend.routes) {
			if (route.length > longest && matchesRoute(plain, route)) {
				owner = frontend;
				longest = route.length;
			}
		}
	}
	return owner;
}

function unescaped(path: string): string | null {
	try {
		return decodeURIComponent(path);
	} catch {
		return null;
	}
}

/** Returns the path to open a front-end by: its first route. */
export function firstPath(frontend: Pick<FrontendEntry, "routes">): string {
	return frontend.routes[0] ?? "/";
}
