/** Starts the hub in the page. */

import { readBoot } from "./boot.js";
import { Hub } from "./hub.js";

const root = document.getElementById("mainhub-root") ?? document.body;
try {
	new Hub(root, readBoot(document)).start();
} catch (error) {
	console.error(error);
	void import("./refusal.js").then(({ refuseToStart }) => refuseToStart(root));
}
