/** A hub's answers, good and bad. */

import { setTimeout as wait } from "node:timers/promises";

const TRACE = "9c1e7b52d0f44d5f8a1b2c3d4e5f6071";

export async function answerApi(request, response, url, state) {
	if (url.pathname === "/auth/session") {
		const inHours = (hours) => new Date(Date.now() + hours * 3600e3).toISOString();
		const provider = { name: "entra", title: "Microsoft Entra ID" };
		json(response, 200, { provider, expires_at: inHours(8), idle_expires_at: inHours(0.5) });
	} else if (url.pathname === "/auth/logout") {
		const allowed = request.method === "POST" && request.headers["x-mainhub-csrf"] === "1";
		json(response, allowed ? 200 : 403, allowed ? { location: "/auth/signed-out" } : problem(403, "csrf"));
	} else if (url.pathname === "/api/orders/v1/orders") {
		state.calls = Number(state.calls) + 1;
		await answerOrders(response, state);
	} else {
		response
			.writeHead(200, { "content-type": "text/html" })
			.end(`<!doctype html><title>${url.pathname}</title>${url.href}`);
	}
}

async function answerOrders(response, state) {
	switch (state.orders) {
		case "down":
			return json(response, 502, problem(502, "upstream-unreachable"));
		case "slow":
			await wait(5000);
			return json(response, 504, problem(504, "upstream-timeout"));
		case "refused":
			return json(response, 403, { ...problem(403, "missing-role"), needs: ["Admin", "Editor", "Employee"] });
		case "ended":
			return json(response, 401, { ...problem(401, "not-signed-in"), login: "/auth/login" });
		case "error":
			return response.writeHead(500, { "content-type": "text/html" }).end("<h1>Error</h1>");
		case "hang":
			return undefined;
		default:
			return json(response, 200, orders(state.orders === "empty"));
	}
}

function orders(isEmpty) {
	const line = (id, fr, en, status, delivery) => ({ id, article: { fr, en }, status, delivery });
	const items = [
		line("20421", "Vannes DN80, lot de 40", "DN80 valves, lot of 40", "to_approve", "2026-11-24"),
		line("20418", "Joints spiralés 3″", "Spiral gaskets 3″", "shipped", "2026-11-24"),
		line("20415", "Capteurs de pression PX-4", "Pressure sensors PX-4", "in_progress", "2026-11-26"),
		line("20409", "Huile hydraulique, 4 fûts", "Hydraulic oil, 4 drums", "late", "2026-11-19"),
		line("20402", "Gants anticoupure, T9", "Cut-proof gloves, size 9", "delivered", "2026-11-18"),
	];
	const counts = isEmpty ? { open: 0, to_approve: 0, late: 0 } : { open: 12, to_approve: 3, late: 1 };
	return { items: isEmpty ? [] : items, counts, as_of: new Date().toISOString() };
}

export function problem(status, name) {
	return { type: `urn:mainhub:problem:${name}`, title: name, status, detail: "", trace_id: TRACE };
}

export function json(response, status, body) {
	const type = status < 400 ? "application/json" : "application/problem+json";
	response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(JSON.stringify(body));
}
