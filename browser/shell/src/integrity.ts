/** Subresource integrity of bytes that have arrived (W3C SRI, 3.1). */

import { FrontendFailure } from "./failure.js";

const ALGORITHMS: Readonly<Record<string, string>> = {
	sha256: "SHA-256",
	sha384: "SHA-384",
	sha512: "SHA-512",
};

/**
 * Refuses bytes that are not those of *integrity*. The browser enforces the same again, by the
 * import map, when it evaluates them; this says which of the many reasons of a failed request it was.
 */
export async function verifyIntegrity(body: ArrayBuffer, integrity: string | null): Promise<void> {
	// Absent outside secure contexts, where the import map still stands guard.
	if (integrity === null || globalThis.crypto?.subtle === undefined) {
		return;
	}
	for (const expected of integrity.trim().split(/\s+/)) {
		const dash = expected.indexOf("-");
		const algorithm = ALGORITHMS[expected.slice(0, dash)];
		if (algorithm !== undefined) {
			const digest = new Uint8Array(await crypto.subtle.digest(algorithm, body));
			if (btoa(String.fromCharCode(...digest)) === expected.slice(dash + 1)) {
				return;
			}
		}
	}
	throw new FrontendFailure("integrity");
}
