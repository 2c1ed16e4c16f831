/**
 * Serves the built shell without a hub: `npm run build && npm run preview`, then open
 * http://localhost:8099/?locale=fr&theme=dark&role=Employee&faults=1&mode=production.
 *
 * Server-side switches, to be set with a request: POST /preview/orders?is=fine|down|slow|refused|empty|error,
 * /preview/stream?is=fine|down|nobody, /preview/person?is=ID (whom the stream greets),
 * /preview/end?reason=revoked&by=Ada (every stream), /preview/emit (an event as JSON).
 */

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { answerApi } from "./api.mjs";
import { FAULTS, faultModule } from "./faults.mjs";
import { answerHub } from "./hub.mjs";
import { renderPage } from "./page.mjs";

const STATIC = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "mainhub", "static");
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
const port = Number(process.argv[2] ?? 8099);
const state = { orders: "fine", session: "open", stream: "fine", person: null, calls: 0, faults: new Map() };

const server = createServer(async (request, response) => {
	const url = new URL(request.url, `http://localhost:${port}`);
	try {
		await route(request, response, url);
	} catch (error) {
		send(response, 500, "text/plain", String(error));
	}
});

async function route(request, response, url) {
	if (url.pathname.startsWith("/static/")) {
		const file = path.join(STATIC, path.basename(url.pathname));
		const content = await readFile(file).catch(() => null);
		const headers = { "cache-control": "public, max-age=31536000, immutable" };
		send(
			response,
			content === null ? 404 : 200,
			TYPES[path.extname(file)] ?? "text/plain",
			content ?? "absent",
			headers,
		);
	} else if (url.pathname.startsWith("/faults/")) {
		await faultModule(url.pathname.slice(8, -3), response, state);
	} else if (await answerHub(request, response, url, { state, folder: STATIC })) {
		return;
	} else if (url.pathname.startsWith("/preview/")) {
		const name = url.pathname.slice(9);
		state[name] = url.searchParams.has("is") ? url.searchParams.get("is") || null : state[name];
		send(response, 200, "application/json", JSON.stringify({ [name]: state[name] }));
	} else if (url.pathname.startsWith("/api/") || url.pathname.startsWith("/auth/")) {
		await answerApi(request, response, url, state);
	} else {
		await sendPage(request, response, url);
	}
}

async function sendPage(request, response, url) {
	const manifest = JSON.parse(await readFile(path.join(STATIC, "manifest.json"), "utf-8"));
	const nonce = randomBytes(16).toString("base64");
	const { status, html } = renderPage({ manifest, nonce, url, cookies: request.headers.cookie ?? "", faults: FAULTS });
	const policy = [
		"default-src 'none'",
		`script-src 'nonce-${nonce}' 'strict-dynamic'`,
		`style-src 'self' 'nonce-${nonce}'`,
		"img-src 'self' data:",
		"font-src 'self'",
		"connect-src 'self'",
		"manifest-src 'self'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	];
	send(response, status, "text/html; charset=utf-8", html, {
		"content-security-policy": policy.join("; "),
		"cache-control": "no-store",
		...(url.searchParams.has("role") ? { "set-cookie": `preview-role=${url.searchParams.get("role")}; Path=/` } : {}),
	});
}

function send(response, status, type, body, headers = {}) {
	response.writeHead(status, { "content-type": type, ...headers }).end(body);
}

server.listen(port, "127.0.0.1", () => console.log(`http://localhost:${server.address().port}/`));
