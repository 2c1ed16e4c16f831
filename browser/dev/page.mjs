/** The page as the hub renders it: boot data, one import map, a nonce. */

import { firstParty } from "./records.mjs";

const PEOPLE = {
	Admin: { id: "1", name: "Ada Lovelace", email: "ada@mainhub.example", roles: ["Admin"] },
	Editor: { id: "2", name: "Grace Hopper", email: "grace@mainhub.example", roles: ["Editor"] },
	Employee: { id: "3", name: "Linus Torvalds", email: "linus@mainhub.example", roles: ["Employee"] },
	none: { id: "4", name: "Alan Turing", email: "alan@mainhub.example", roles: [] },
};
const REFUSED = { name: "admin", titles: { fr: "Administration", en: "Administration" }, needs: ["Admin"] };

/** Returns who is signed in: `?role=` chooses, and is remembered by the page's cookie. */
export function personOf(url, cookies) {
	const role = url.searchParams.get("role") ?? /preview-role=(\w+)/.exec(cookies)?.[1] ?? "Employee";
	return PEOPLE[role] ?? PEOPLE.Employee;
}

export function renderPage({ manifest, nonce, url, cookies, faults }) {
	const query = url.searchParams;
	const locale = /mainhub-locale=(fr|en)/.exec(cookies)?.[1] ?? query.get("locale") ?? "en";
	const theme = /mainhub-theme=(light|dark)/.exec(cookies)?.[1] ?? query.get("theme") ?? "system";
	const withFaults = query.has("faults") || faults.some((fault) => fault.routes[0] === url.pathname);
	const person = personOf(url, cookies);
	const isRefused = url.pathname === "/admin" && !person.roles.includes("Admin");
	const frontends = [...firstParty(manifest, person.roles), ...(withFaults ? faults : [])];
	const isKnown = frontends.some((frontend) => frontend.routes.includes(url.pathname));
	const boot = {
		version: "0.1.0",
		mode: query.get("mode") ?? "development",
		user: { ...person, tenantId: "5f0c1a52-7d0e-4d6e-9b1a-2f1c8a9d3e77" },
		provider: { name: "entra", title: "Microsoft Entra ID" },
		frontends,
		locale,
		theme,
		traceId: "4f2a91c07be34d5f8a1b2c3d4e5f6071",
		refused: isRefused ? REFUSED : null,
		notFound: !isRefused && !isKnown,
		support: null,
		modules: { fluent: `/static/${manifest.fluent.file}` },
		limits: { loadSeconds: 3, mountSeconds: 2, attempts: 3, maxLoaded: 5, unloadAfterSeconds: 1800 },
	};
	const status = isRefused ? 403 : isKnown ? 200 : 404;
	return { status, html: page({ manifest, nonce, boot }) };
}

function page({ manifest, nonce, boot }) {
	const look = boot.theme === "system" ? "" : ` data-theme="${boot.theme}"`;
	const styles = manifest.boot.css.map((file) => `<link rel="stylesheet" href="/static/${file}">`).join("");
	return `<!doctype html>
<html lang="${boot.locale}"${look}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>MainHub</title>
<link rel="icon" href="/static/${manifest.icon}">${styles}
<script type="importmap" nonce="${nonce}">${inScript(importMap(manifest, boot))}</script>
<script type="module" nonce="${nonce}" src="/static/${manifest.boot.file}"></script>
</head>
<body><div id="mainhub-root"></div><script type="application/json" id="mainhub-boot">${inScript(boot)}</script></body>
</html>`;
}

function importMap(manifest, boot) {
	const imports = Object.entries(manifest.imports).map(([name, file]) => [name, `/static/${file}`]);
	const integrity = Object.entries(manifest.integrity).map(([file, digest]) => [`/static/${file}`, digest]);
	for (const { url, integrity: digest } of boot.frontends.filter((frontend) => frontend.integrity !== null)) {
		integrity.push([url, digest], ...[1, 2, 3].map((retry) => [`${url}#retry-${retry}`, digest]));
	}
	return { imports: Object.fromEntries(imports), integrity: Object.fromEntries(integrity) };
}

function inScript(value) {
	return JSON.stringify(value).replaceAll("<", "\\u003c");
}
