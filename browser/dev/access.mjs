/** Who is given what and what follows from it: made up, but in the hub's own shapes. */

const ADA = "Ada Lovelace";
const WAREHOUSE = "1534681b-c653-54cc-8685-c0d0422b0c72";
const PURCHASING = "f890ac4e-a9ef-5922-bb38-2cc3d3d5714b";
const both = (fr, en) => ({ fr, en });
let next = 3;
let grants = [
	{
		id: "1",
		to: { kind: "person", name: "2", title: "Linus Pauling" },
		roles: ["Editor"],
		permissions: [],
		by: ADA,
		at: new Date(Date.now() - 7200e3).toISOString(),
		expires_at: "2026-12-24T23:00:00Z",
	},
	{
		id: "2",
		to: { kind: "group", name: WAREHOUSE, title: null },
		roles: [],
		permissions: ["stock:read", "stock:write"],
		by: ADA,
		at: new Date(Date.now() - 900e3).toISOString(),
		expires_at: null,
	},
];

export function access() {
	return {
		roles: [{ name: "Buyer", permissions: ["orders:write", "orders:approve"] }],
		groups: [
			{ id: PURCHASING, title: "Purchasing", roles: ["Buyer"], permissions: [] },
			{ id: WAREHOUSE, title: "Warehouse", roles: [], permissions: ["stock:read"] },
		],
		grants,
		known_roles: ["Admin", "Buyer", "Editor", "Employee"],
		known_permissions: ["orders:approve", "orders:write", "stock:read", "stock:write"],
	};
}

export function give(wanted) {
	const grant = { id: String(next++), ...wanted, by: ADA, at: new Date().toISOString() };
	grants = [grant, ...grants];
	return grant;
}

export function take(id) {
	const isKnown = grants.some((one) => one.id === id);
	grants = grants.filter((one) => one.id !== id);
	return isKnown;
}

const why = (kind, name, via = [], more = {}) => ({
	right: { kind, name },
	via,
	source: "settings",
	grant: null,
	by: null,
	at: null,
	expires_at: null,
	...more,
});

export function explained(query) {
	const roles = query.has("person") ? ["Employee", "Editor"] : query.getAll("roles");
	const isEditor = roles.includes("Editor");
	const token = why("role", "Employee", [{ kind: "token", name: "token", title: null }], { source: "token" });
	const given = why("role", "Editor", [{ kind: "person", name: "2", title: "Linus Pauling" }], {
		source: "run-time",
		grant: "1",
		by: ADA,
		at: new Date(Date.now() - 7200e3).toISOString(),
		expires_at: "2026-12-24T23:00:00Z",
	});
	const buyer = why("permission", "orders:write", [
		{ kind: "group", name: PURCHASING, title: "Purchasing" },
		{ kind: "role", name: "Buyer", title: null },
	]);
	const item = (kind, name, titles, needs, reasons, closed = false) => ({
		kind,
		name,
		titles,
		allowed: reasons.length > 0,
		closed,
		needs: { roles: [], permissions: [], ...needs },
		why: reasons,
	});
	return {
		person: query.has("person") ? { id: query.get("person"), name: "Linus Pauling" } : null,
		groups_known: true,
		roles: [{ name: "Employee", why: [token] }, ...(isEditor ? [{ name: "Editor", why: [given] }] : [])],
		permissions: [{ name: "orders:write", why: [buyer] }],
		items: [
			item("administration", "admin", null, { roles: ["Admin"] }, []),
			item("frontend", "dashboard", both("Accueil", "Home"), { roles: ["*"] }, [why("everyone", "*")]),
			item("frontend", "admin", both("Administration", "Administration"), { roles: ["Admin"] }, []),
			item("frontend", "widgets", both("Widgets", "Widgets"), { roles: ["*"] }, [], true),
			item("service", "orders", null, { roles: ["Employee"], permissions: ["orders:write"] }, [token, buyer]),
			item("event", "orders:changed", null, { roles: ["Editor"] }, isEditor ? [given] : []),
			item("event", "notification:show", null, {}, []),
		],
	};
}
