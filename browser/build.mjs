/**
 * Builds the browser part into ../src/mainhub/static: flat, hashed names, and manifest.json.
 *
 * Separate builds, so that what is shared in the page is shared in fact: lit and its directives in
 * one build (one lit-html), the SDK with lit left out, the shell with the SDK left out, Fluent by
 * itself, each front-end with both left out. What is left out is found by the page's import map.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { transform } from "lightningcss";
import { build } from "vite";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const STATIC = path.join(HERE, "..", "src", "mainhub", "static");
/** Where it is built before it takes the place of what stands: a hub that starts meanwhile finds either, whole. */
const FRESH = path.join(HERE, "dist", `static-${process.pid}`);
const THEME = path.join(HERE, "shell", "src", "theme");

/** Parts of lit that the import map offers. Those with decorators and directives share one lit-html. */
const LIT = [
	"lit",
	"lit/decorators.js",
	"lit/directive.js",
	"lit/async-directive.js",
	"lit/directives/cache.js",
	"lit/directives/class-map.js",
	"lit/directives/guard.js",
	"lit/directives/if-defined.js",
	"lit/directives/keyed.js",
	"lit/directives/live.js",
	"lit/directives/ref.js",
	"lit/directives/repeat.js",
	"lit/directives/style-map.js",
	"lit/directives/until.js",
	"lit/directives/when.js",
	"lit/static-html.js",
];
const SDK = { "@mainhub/sdk": "sdk/src/index.ts", "@mainhub/sdk/core": "sdk/src/core.ts" };
const FRONTENDS = Object.fromEntries(
	["dashboard", "widgets", "admin"]
		.map((name) => [name, `frontends/${name}/src/main.ts`])
		.filter(([, file]) => existsSync(path.join(HERE, file))),
);
const FROM_IMPORT_MAP = /^(lit|@mainhub\/sdk)(\/.*)?$/;

/** The most that a page loads before it shows anything, and what the shell loads right after, gzipped. */
const LIMITS = { shellScript: 25 * 1024, shellStyle: 8 * 1024, later: 12 * 1024 };

/**
 * Returns the digest by which it is known whether built files are those of the present sources.
 *
 * SHA-256 over every file below browser/ except node_modules/ and dist/, sorted by its path
 * relative to browser/ with forward slashes: path in UTF-8, a zero byte, content, a zero byte.
 * `tools/browser.py` computes the same.
 */
export async function sourcesDigest(folder = HERE) {
	const total = createHash("sha256");
	for (const name of (await sourceFiles(folder, "")).sort(byBytes)) {
		total.update(name).update("\0");
		total.update(await readFile(path.join(folder, name))).update("\0");
	}
	return total.digest("hex");
}

async function sourceFiles(folder, prefix) {
	const found = [];
	for (const entry of await readdir(path.join(folder, prefix), { withFileTypes: true })) {
		const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
		if (!entry.isDirectory()) {
			found.push(name);
		} else if (entry.name !== "node_modules" && entry.name !== "dist") {
			found.push(...(await sourceFiles(folder, name)));
		}
	}
	return found;
}

function byBytes(one, other) {
	return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/**
 * What is imported later here brings no style sheet and needs no preloading: Vite's helper for both
 * would weigh more than many a module.
 */
const PLAIN_IMPORTS = {
	name: "plain-imports",
	enforce: "pre",
	load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined),
};

/** Builds *inputs* (name of the entry to its file) and returns name to built file name. */
async function bundle(inputs, external) {
	const result = await build({
		configFile: false,
		root: HERE,
		logLevel: "warn",
		mode: "production",
		publicDir: false,
		plugins: [PLAIN_IMPORTS],
		build: {
			write: false,
			target: "es2022",
			minify: true,
			modulePreload: false,
			rolldownOptions: {
				input: inputs,
				external,
				// No facade around what another entry shares: one request less before the page starts.
				preserveEntrySignatures: "allow-extension",
				output: {
					format: "es",
					entryFileNames: "[name]-[hash].js",
					chunkFileNames: "[name]-[hash].js",
					// The licences' texts stand in the package's NOTICE of third parties, not in each file.
					comments: { legal: true },
				},
			},
		},
	});
	const names = {};
	for (const chunk of result.output) {
		await writeFile(path.join(FRESH, chunk.fileName), chunk.code);
		if (chunk.isEntry) {
			names[chunk.name] = chunk.fileName;
		}
	}
	return names;
}

/** Joins and minifies style sheets. Without targets nothing is rewritten for older browsers. */
async function stylesheet(name, parts) {
	const sheets = await Promise.all(parts.map((part) => readFile(path.join(THEME, part))));
	const { code } = transform({ filename: `${name}.css`, code: Buffer.concat(sheets), minify: true });
	return await hashed(name, "css", code);
}

async function hashed(name, extension, content) {
	const hash = createHash("sha256").update(content).digest("base64url").slice(0, 8);
	const file = `${name}-${hash}.${extension}`;
	await writeFile(path.join(FRESH, file), content);
	return file;
}

/** Returns a name for a module that is good for a file: `lit/directives/repeat.js` → `lit-directives-repeat`. */
function entryName(specifier) {
	return specifier
		.replace(/^@mainhub\//, "")
		.replace(/\.js$/, "")
		.replaceAll("/", "-");
}

async function importable(specifiers, external) {
	const entries = Object.entries(specifiers);
	const names = await bundle(Object.fromEntries(entries.map(([from, file]) => [entryName(from), file])), external);
	return Object.fromEntries(entries.map(([from]) => [from, names[entryName(from)]]));
}

async function integrityOf(files) {
	const digests = {};
	for (const file of files.filter((name) => name.endsWith(".js")).sort()) {
		const content = await readFile(path.join(FRESH, file));
		digests[file] = `sha384-${createHash("sha384").update(content).digest("base64")}`;
	}
	return digests;
}

async function gzipped(file) {
	return gzipSync(await readFile(path.join(FRESH, file)), { level: 9 }).length;
}

async function report(manifest, files) {
	for (const file of files.sort()) {
		console.log(`  ${file.padEnd(44)} ${((await gzipped(file)) / 1024).toFixed(1).padStart(6)} KB gz`);
	}
	const script = (await gzipped(manifest.boot.file)) + (await gzipped(manifest.imports["@mainhub/sdk/core"]));
	const style = await gzipped(manifest.boot.css[0]);
	console.log(`shell: script ${(script / 1024).toFixed(1)} KB gz, style ${(style / 1024).toFixed(1)} KB gz`);
	const later = files.filter((file) => /^(live|places|desk)-/.test(file));
	const after = (await Promise.all(later.map(gzipped))).reduce((one, other) => one + other, 0);
	console.log(`       after its start ${(after / 1024).toFixed(1)} KB gz`);
	if (script > LIMITS.shellScript || style > LIMITS.shellStyle || after > LIMITS.later) {
		throw new Error(`The shell is too heavy: at most ${Object.values(LIMITS).join(", ")} bytes, gzipped.`);
	}
}

async function main() {
	const sources = await sourcesDigest();
	await rm(FRESH, { recursive: true, force: true });
	await mkdir(FRESH, { recursive: true });
	console.log("Building lit, SDK, shell, Fluent and front-ends");
	const lit = await importable(Object.fromEntries(LIT.map((name) => [name, name])), []);
	const sdk = await importable(SDK, [/^lit(\/.*)?$/]);
	const shell = await bundle({ boot: "shell/src/main.ts" }, [FROM_IMPORT_MAP]);
	const fluent = await bundle({ fluent: "shell/src/fluent.ts" }, []);
	const frontends = {};
	for (const [name, file] of Object.entries(FRONTENDS)) {
		frontends[name] = (await bundle({ [name]: file }, [FROM_IMPORT_MAP]))[name];
	}
	const base = ["tokens.css", "ground.css"];
	const css = await stylesheet("shell", [...base, "fluent-tokens.css", "shell.css"]);
	const pages = await stylesheet("pages", [...base, "pages.css"]);
	const icon = await hashed("mainhub", "svg", await readFile(path.join(THEME, "mainhub.svg")));
	const files = await readdir(FRESH);
	const integrity = await integrityOf(files);
	const manifest = {
		boot: { file: shell.boot, css: [css] },
		fluent: { file: fluent.fluent },
		imports: { ...sdk, ...lit },
		frontends: Object.fromEntries(
			Object.entries(frontends).map(([name, file]) => [name, { file, integrity: integrity[file] }]),
		),
		pages: { css: pages },
		icon,
		integrity,
		sources,
	};
	await report(manifest, files);
	await writeFile(path.join(FRESH, "manifest.json"), `${JSON.stringify(manifest, null, "\t")}\n`);
	await takePlace();
}

/** Puts what was built in the place of what stood, which an unfinished build never touches. */
async function takePlace() {
	const old = `${FRESH}-old`;
	await mkdir(path.dirname(STATIC), { recursive: true });
	await rename(STATIC, old).catch((error) => {
		if (error.code !== "ENOENT") {
			throw error;
		}
	});
	await rename(FRESH, STATIC);
	await rm(old, { recursive: true, force: true });
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
	try {
		await main();
	} finally {
		await rm(FRESH, { recursive: true, force: true });
	}
}
