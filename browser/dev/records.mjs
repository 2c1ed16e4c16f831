/** What a hub holds for its administrators and for each person: made up, but in the hub's own shapes. */

const TRACE = "9c1e7b52d0f44d5f8a1b2c3d4e5f6071";
const ADA = { id: "1", name: "Ada Lovelace" };
const both = (fr, en) => ({ fr, en });
const ago = (minutes) => new Date(Date.now() - minutes * 60e3).toISOString();

export const DASHBOARD = {
	generation: 0,
	cards: [
		{ widget: "dashboard/orders", size: "large" },
		{ widget: "dashboard/applications", size: "small" },
		{ widget: "dashboard/person", size: "small" },
		{ widget: "widgets/service-health", size: "medium" },
	],
};

const WIDGETS = {
	dashboard: [
		["orders", both("Commandes", "Orders"), both("Celles qui attendent", "Those that wait"), "box", "large"],
		[
			"applications",
			both("Applications", "Applications"),
			both("Tout ce qui vous est ouvert", "All that is open to you"),
			"apps",
			"medium",
		],
		["person", both("Vous", "You"), both("Votre compte et vos rôles", "Your account and roles"), "person", "medium"],
	],
	widgets: [
		[
			"my-sessions",
			both("Mes sessions", "My sessions"),
			both("Où vous êtes connecté", "Where you are signed in"),
			"shield",
			"medium",
		],
		[
			"service-health",
			both("État des services", "Service health"),
			both("Ce qui répond", "What answers"),
			"pulse",
			"medium",
		],
		[
			"recent-events",
			both("Événements récents", "Recent events"),
			both("Ce qui vient d’arriver", "What has just happened"),
			"route",
			"medium",
		],
	],
	admin: [],
};
const FIRST_PARTY = {
	dashboard: { titles: both("Accueil", "Home"), icon: "home", order: 10, routes: ["/"], roles: ["*"] },
	widgets: { titles: both("Widgets", "Widgets"), icon: "layers", order: 20, routes: ["/widgets"], roles: ["*"] },
	admin: {
		titles: both("Administration", "Administration"),
		icon: "sliders",
		order: 90,
		routes: ["/admin"],
		roles: ["Admin"],
	},
};

/** The first-party front-ends of a build that *roles* may open; those in *closed* are closed to all. */
export function firstParty(manifest, roles, closed = new Set()) {
	return Object.entries(FIRST_PARTY)
		.filter(
			([name, { roles: needed }]) => !closed.has(name) && needed.some((one) => one === "*" || roles.includes(one)),
		)
		.map(([name, { titles, icon, order, routes }]) => {
			const { file, integrity } = manifest.frontends[name] ?? { file: null, integrity: null };
			return { name, titles, icon, order, routes, url: file && `/static/${file}`, integrity, widgets: widgetsOf(name) };
		});
}

export function allFrontends(manifest, closed) {
	const items = firstParty(manifest, ["Admin"]).map((entry) => ({
		...entry,
		roles: FIRST_PARTY[entry.name].roles,
		active: !closed.has(entry.name),
		generation: closed.has(entry.name) ? 2 : 1,
		changed: closed.has(entry.name) ? ["active"] : [],
		changed_at: closed.has(entry.name) ? ago(3) : null,
		changed_by: closed.has(entry.name) ? ADA.name : null,
		shipped: true,
	}));
	return { items };
}

function widgetsOf(frontend) {
	return WIDGETS[frontend].map(([name, titles, summaries, icon, size]) => ({ name, titles, summaries, icon, size }));
}

export function sessions(person) {
	const session = (ref, minutes, label, current) => ({
		ref: ref.repeat(32),
		person,
		device: { user_agent: label, label, address: "10.0.0.7" },
		created_at: ago(minutes),
		seen_at: ago(current ? 0 : minutes / 3),
		idle_expires_at: ago(-30),
		expires_at: ago(minutes - 480),
		current,
	});
	return {
		items: [session("a", 40, "Chrome on Linux", true), session("b", 170, "Safari on iPhone", false)],
		truncated: false,
	};
}

export function health(isAdmin) {
	const check = (name, title, kind, criticality, state, detail, remedy) => ({
		...{ name, title, kind, criticality, state, since: ago(state === "fine" ? 400 : 12), checked_at: ago(0.2) },
		...(isAdmin ? { next_at: ago(-0.3), took_ms: 4, detail, remedy } : {}),
	});
	const refused = "Connection refused by 10.0.0.9:8070.";
	return {
		status: "degraded",
		checked_at: ago(0.2),
		checks: [
			check("database", "SQLite", "database", "critical", "fine", null, null),
			check("entra", "Microsoft Entra ID", "identity", "critical", "fine", null, null),
			check("orders", "Orders", "service", "important", "failed", refused, "Start the service, or mend its address."),
		],
		...(isAdmin ? { process: { version: "0.1.0", started_at: ago(400), pid: 4711 } } : {}),
	};
}

export function audit() {
	const entry = (id, minutes, action, outcome, target, before, after) => ({
		...{ id, at: ago(minutes), action, outcome, person: ADA, address: "10.0.0.7", right: "Admin", target },
		...{ before, after, detail: null, trace_id: TRACE },
	});
	const items = [
		entry(
			12,
			3,
			"frontend.changed",
			"done",
			{ kind: "frontend", name: "widgets" },
			{ active: true },
			{ active: false },
		),
		entry(11, 9, "access.refused", "refused", { kind: "page", name: "/admin" }, null, null),
		entry(10, 40, "signin.done", "done", null, null, null),
	];
	return { items, next: null, actions: ["access.refused", "frontend.changed", "session.revoked", "signin.done"] };
}

export function configuration() {
	const item = (key, value, source, more = {}) => ({
		key,
		value,
		source,
		secret: false,
		changeable: false,
		changed_by: null,
		...more,
	});
	return {
		items: [
			item("hub.url", "http://localhost:8080", "default"),
			item("hub.secret_keys", "********", "environment", { secret: true }),
			item("telemetry.log_level", "info", "mainhub.toml", { changeable: true }),
		],
	};
}

export function eventTypes(isAdmin) {
	const type = (name, summary, kind, publish, data) => ({
		...{
			type: name,
			summary,
			emitter: "page",
			scope: { kind, roles: [] },
			publish,
			may_publish: isAdmin || publish.includes("*"),
		},
		data: data.map(([field, about]) => ({ name: field, kind: "text", required: true, about })),
	});
	return {
		items: [
			type("theme:changed", "The person chose a theme.", "person", ["*"], [["theme", "light, dark or system"]]),
			type("orders:changed", "An order has changed.", "roles", ["Admin", "Editor"], [["id", "the order"]]),
			type(
				"notification:show",
				"A message to show to people.",
				"everyone",
				["Admin", "Editor"],
				[["message", "what to show"]],
			),
		],
	};
}
