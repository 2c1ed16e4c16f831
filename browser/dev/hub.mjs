/** The hub's own addresses below /hub/v1/, /events/, /healthz and /auth/sessions. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import * as access from "./access.mjs";
import { json, problem } from "./api.mjs";
import * as cache from "./cache.mjs";
import { Events } from "./events.mjs";
import { personOf } from "./page.mjs";
import * as records from "./records.mjs";
import { handle, resilience } from "./resilience.mjs";

const events = new Events();
const closed = new Set();
let dashboard = records.DASHBOARD;

/** Answers, and returns whether the address was one of these. */
export async function answerHub(request, response, url, { state, folder }) {
	const person = personOf(url, request.headers.cookie ?? "");
	const isAdmin = person.roles.includes("Admin");
	const route = `${request.method} ${url.pathname.replace(/^(\/(?:hub\/v1|auth)\/sessions|\/hub\/v1\/(?:frontends|resilience|access\/grants))\/(?!all$).+/, "$1/*")}`;
	const manifest = async () => JSON.parse(await readFile(path.join(folder, "manifest.json"), "utf-8"));
	const answers = {
		"GET /events/stream": () => stream(request, response, person, state),
		"GET /hub/v1/events": () => json(response, 200, events.history),
		"POST /hub/v1/events": async () => publish(response, await body(request), person),
		"DELETE /hub/v1/events": () => json(response, 200, { cleared: 0 }),
		"GET /hub/v1/events/types": () => json(response, 200, records.eventTypes(isAdmin)),
		"GET /hub/v1/frontends": async () =>
			json(response, 200, { items: records.firstParty(await manifest(), person.roles, closed) }),
		"GET /hub/v1/frontends/all": async () => json(response, 200, records.allFrontends(await manifest(), closed)),
		"PATCH /hub/v1/frontends/*": async () => change(response, url, await body(request), await manifest()),
		"GET /hub/v1/dashboard": () => json(response, 200, dashboard),
		"PUT /hub/v1/dashboard": async () => place(response, await body(request)),
		"DELETE /hub/v1/dashboard": () => forget(response),
		"GET /auth/sessions": () => json(response, 200, records.sessions(person)),
		"GET /hub/v1/sessions": () => json(response, 200, records.sessions(person)),
		"DELETE /auth/sessions": () => json(response, 200, { ended: 1 }),
		"DELETE /hub/v1/sessions": () => json(response, 200, { ended: 1 }),
		"DELETE /auth/sessions/*": () => response.writeHead(204).end(),
		"DELETE /hub/v1/sessions/*": () => response.writeHead(204).end(),
		"GET /hub/v1/audit": () => json(response, 200, records.audit()),
		"GET /hub/v1/configuration": () => json(response, 200, records.configuration()),
		"GET /hub/v1/resilience": () => json(response, 200, resilience()),
		"POST /hub/v1/resilience/*": () => breaker(response, url, person),
		"GET /hub/v1/cache": () => json(response, 200, cache.cache()),
		"GET /hub/v1/cache/entry": () => json(response, 200, cache.entry(url.searchParams.get("key"))),
		"GET /hub/v1/cache/concerned": () => json(response, 200, cache.concerned(Object.fromEntries(url.searchParams))),
		"POST /hub/v1/cache/invalidate": async () => forgetKept(response, await body(request)),
		"GET /hub/v1/access": () => json(response, 200, access.access()),
		"GET /hub/v1/access/explain": () => json(response, 200, access.explained(url.searchParams)),
		"POST /hub/v1/access/grants": async () => json(response, 201, access.give(await body(request))),
		"DELETE /hub/v1/access/grants/*": () => takeBack(response, url),
		"GET /healthz": () => json(response, 200, records.health(isAdmin)),
		"POST /preview/end": () => end(response, url),
		"POST /preview/emit": async () => json(response, 202, events.emit(await body(request))),
	};
	const answer = answers[route];
	await answer?.();
	return answer !== undefined;
}

function stream(request, response, person, state) {
	if (state.stream === "down") {
		json(response, 503, problem(503, "unavailable"));
	} else if (state.stream === "nobody") {
		json(response, 401, problem(401, "not-signed-in"));
	} else {
		events.open(request, response, state.person ?? person.id);
	}
}

function publish(response, { type = "", data, source, tab }, { id, name, roles }) {
	if (type.startsWith("user:") || (type === "notification:show" && !roles.some((role) => /Admin|Editor/.test(role)))) {
		json(response, 403, { ...problem(403, "missing-role"), needs: ["Admin", "Editor"] });
	} else {
		json(response, 202, events.emit({ type, data, source, tab, by: { id, name } }));
	}
}

function change(response, url, { active }, manifest) {
	const name = url.pathname.split("/").at(-1);
	closed[active === false ? "add" : "delete"](name);
	events.emit({ type: "cache:invalidated", data: { keys: ["frontends"] } });
	json(
		response,
		200,
		records.allFrontends(manifest, closed).items.find((entry) => entry.name === name),
	);
}

function breaker(response, url, { name: by }) {
	const [name, deed] = url.pathname.split("/").slice(-2);
	const now = handle(name, deed, by);
	if (now === null) {
		json(response, 404, problem(404, "not-found"));
	} else {
		events.emit({ type: "resilience:changed", data: { pipeline: name, state: now.state, cause: now.cause } });
		json(response, 200, now);
	}
}

function takeBack(response, url) {
	if (access.take(url.pathname.split("/").at(-1))) {
		response.writeHead(204).end();
	} else {
		json(response, 404, problem(404, "not-found"));
	}
}

function place(response, { generation, cards }) {
	if (generation !== dashboard.generation) {
		json(response, 409, problem(409, "conflict"));
	} else {
		dashboard = { generation: generation + 1, cards };
		json(response, 200, dashboard);
	}
}

function forgetKept(response, wanted) {
	const { what, name, ...rest } = cache.invalidate(wanted);
	events.emit({ type: "cache:invalidated", data: { what, ...(name === null ? {} : { name }) } });
	json(response, 200, { what, name, ...rest });
}

function forget(response) {
	dashboard = records.DASHBOARD;
	json(response, 200, dashboard);
}

function end(response, url) {
	events.end(url.searchParams.get("reason") ?? "revoked", url.searchParams.get("by"));
	json(response, 200, {});
}

async function body(request) {
	const parts = [];
	for await (const part of request) {
		parts.push(part);
	}
	return JSON.parse(Buffer.concat(parts).toString() || "{}");
}
