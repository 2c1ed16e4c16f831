/** Front-ends that misbehave, each in its own way, and one that does not. */

const LIFECYCLES = "export const bootstrap=async()=>{},unmount=async()=>{};";
const SHOW = "p.domElement.append(Object.assign(document.createElement('h1'),{textContent:p.name}));";

/** Name to module, or to a function that answers by itself. */
const MODULES = {
	healthy: `${LIFECYCLES}export const mount=async p=>{${SHOW}}`,
	second: `${LIFECYCLES}export const mount=async p=>{${SHOW}}`,
	missing: (response) => response.writeHead(404).end(),
	silent: () => {},
	"throws-on-import": "throw new Error('planted: on import')",
	"throws-once": `if(!globalThis.again){globalThis.again=true;throw new Error('planted: first time')}${LIFECYCLES}export const mount=async p=>{${SHOW}}`,
	"throws-on-mount": `${LIFECYCLES}export const mount=async()=>{throw new Error('planted: on mount')}`,
	"never-mounts": `${LIFECYCLES}export const mount=()=>new Promise(()=>{})`,
	"never-unmounts": `export const bootstrap=async()=>{},unmount=()=>new Promise(()=>{});export const mount=async p=>{${SHOW}}`,
	"throws-later": `${LIFECYCLES}export const mount=async p=>{${SHOW}setTimeout(()=>{throw new Error('planted: later')},50)}`,
	"rejects-later": `${LIFECYCLES}export const mount=async p=>{${SHOW}setTimeout(()=>Promise.reject(new Error('planted: rejection')),50)}`,
	"busy-server": (response, state) => {
		const calls = (state.faults.get("busy") ?? 0) + 1;
		state.faults.set("busy", calls);
		return calls % 3 === 0
			? javascript(response, `${LIFECYCLES}export const mount=async p=>{${SHOW}}`)
			: response.writeHead(503).end();
	},
	"wrong-integrity": `${LIFECYCLES}export const mount=async p=>{${SHOW}}`,
	"no-mount": "export const nothing=1",
};

/** Registry entries of these front-ends. */
export const FAULTS = Object.keys(MODULES).map((name, index) => ({
	name,
	titles: { fr: `Essai ${name}`, en: `Trial ${name}` },
	icon: "wrench",
	order: 100 + index,
	routes: [`/${name}`],
	url: `/faults/${name}.js`,
	integrity: name === "wrong-integrity" ? `sha384-${"A".repeat(64)}` : null,
}));

export async function faultModule(name, response, state) {
	const module = MODULES[name];
	if (typeof module === "function") {
		await module(response, state);
	} else {
		javascript(response, module ?? "");
	}
}

function javascript(response, code) {
	response.writeHead(200, { "content-type": "text/javascript", "cache-control": "max-age=60" }).end(code);
}
