/** A cache as a hub tells of it, made up: shared in Redis, which was silent for a while. */

const EVERY_SECONDS = 5;
const POINTS = 120;
const SILENT = [60, 66];
const STARTED = Date.now();

const kept = new Map(
	[
		["frontends:all", [], 1940],
		["orders:open", ["orders"], 48_200],
		["orders:20421", ["orders", "order:20421"], 812],
		["user:ada", ["person:ada"], 420],
		["user:linus", ["person:linus"], 398],
	].map(([key, tags, bytes], place) => [key, { key, tags, bytes, hits: 900 - 170 * place, expires_in: 40 + place }]),
);

/** Between 0 and 1, the same for the same *seed*. */
function chance(seed) {
	const value = Math.sin(seed * 12.9898) * 43758.5453;
	return value - Math.floor(value);
}

function point(place) {
	const isSilent = place >= SILENT[0] && place < SILENT[1];
	const asked = 30 + Math.round(30 * chance(place));
	const misses = Math.round(asked * (isSilent ? 0.3 : 0.06));
	const l2_hits = isSilent ? 0 : Math.round(asked * 0.15);
	const stale = isSilent ? 4 : 0;
	return {
		at: new Date(STARTED - (POINTS - 1 - place) * EVERY_SECONDS * 1000).toISOString(),
		l1_hits: asked - misses - l2_hits - stale,
		l2_hits,
		misses,
		stale,
		errors: isSilent ? misses : 0,
	};
}

export function cache() {
	const all = [...kept.values()];
	const history = Array.from({ length: POINTS }, (_, place) => point(place));
	const sum = (name) => history.reduce((total, one) => total + one[name], 0);
	const tags = [...new Set(all.flatMap((one) => one.tags))];
	return {
		every_seconds: EVERY_SECONDS,
		at: new Date().toISOString(),
		history,
		level1: {
			entries: all.length,
			bytes: all.reduce((total, one) => total + one.bytes, 0),
			max_entries: 10_000,
			max_bytes: 67_108_864,
			evictions: 0,
		},
		level2: {
			kind: "redis",
			address: "redis:6379",
			linked: true,
			coherence: "tracking",
			cause: null,
			breaker: "closed",
			keys: 1240,
			pending: 0,
		},
		totals: {
			...Object.fromEntries(["l1_hits", "l2_hits", "misses", "stale"].map((name) => [name, sum(name)])),
			negative_hits: 12,
			unavailable: sum("errors"),
			fills: sum("misses"),
			factory_errors: 3,
			factory_timeouts: 0,
			coalesced: 41,
			not_kept: 2,
			evictions: 0,
			l2_errors: 20,
			overflows: 0,
			refused: {},
		},
		hit_ratio: 0.93,
		hot_keys: all,
		hot_tags: tags.map((tag) => ({ tag, hits: sumOf(all.filter((one) => one.tags.includes(tag))) })),
	};
}

function sumOf(entries) {
	return entries.reduce((total, { hits }) => total + hits, 0);
}

export function entry(key) {
	const one = kept.get(key);
	const found = one !== undefined;
	return {
		key,
		found,
		outcome: found ? "hit" : "miss",
		level: found ? 1 : null,
		size: one?.bytes ?? null,
		age: found ? 20 : null,
		expires_in: one?.expires_in ?? null,
		tags: one?.tags ?? [],
		kind: found ? "json" : null,
		preview: found ? JSON.stringify({ key, tags: one.tags }, null, 2) : null,
	};
}

/** Returns the entries that are meant by `{key}`, `{pattern}`, `{tag}` or `{all}`. */
function meant({ key, pattern, tag, all }) {
	const parts = (pattern ?? "").split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
	const matching = new RegExp(`^${parts.join(".*")}$`);
	return [...kept.values()].filter(
		(one) =>
			all !== undefined ||
			one.key === key ||
			one.tags.includes(tag) ||
			(pattern !== undefined && matching.test(one.key)),
	);
}

export function concerned(wanted) {
	const [what, name] = Object.entries(wanted)[0] ?? ["all", null];
	return { what, name, level1: meant(wanted).length, level2: what === "all" ? 1240 : null };
}

export function invalidate(wanted) {
	const [what, name] = Object.entries(wanted)[0] ?? ["all", null];
	const gone = meant(wanted);
	for (const { key } of gone) {
		kept.delete(key);
	}
	const isCounted = what === "key" || what === "pattern";
	return { what, name: what === "all" ? null : name, count: isCounted ? gone.length : null, pending: 0 };
}
