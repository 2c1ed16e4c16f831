import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import "./section.js";
import { bodyOf, concernedPath, parseCache } from "./cache.js";
import { hitRatio, joined, minutes, parseHistory } from "./history.js";
import { lasting, share, size } from "./readable.js";
import { CACHE_WORDS } from "./words.js";

/** Whatever an element holds: these tests look behind its doors. */
type Loose = ReturnType<typeof JSON.parse>;

const NOW = new Date("2026-11-22T14:32:00Z");
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const plain = (text: string | null | undefined) => (text ?? "").replace(/[\s\u00a0]+/g, " ").trim();

const pointAt = (seconds: number, changes: Loose = {}) => ({
	at: at(seconds),
	l1_hits: 6,
	l2_hits: 2,
	misses: 2,
	stale: 0,
	errors: 0,
	...changes,
});
const LEVEL2 = {
	kind: "redis",
	address: "redis:6379",
	linked: true,
	coherence: "tracking",
	cause: null,
	breaker: "closed",
	keys: 1200,
	pending: 0,
};
const NONE = { ...LEVEL2, kind: null, address: null, linked: false, coherence: "local", breaker: null, keys: null };
const COUNTS = { l1_hits: 6, l2_hits: 2, misses: 2, stale: 0, negative_hits: 0, unavailable: 0, fills: 2 };
const MORE = {
	factory_errors: 0,
	factory_timeouts: 0,
	coalesced: 0,
	not_kept: 0,
	evictions: 0,
	l2_errors: 0,
	overflows: 0,
};

const answer = (changes: Loose = {}) => ({
	every_seconds: 5,
	at: at(0),
	history: [pointAt(-5), pointAt(0)],
	level1: { entries: 12, bytes: 2048, max_entries: 10_000, max_bytes: 67_108_864, evictions: 0 },
	level2: LEVEL2,
	totals: { ...COUNTS, ...MORE, refused: { damaged: 1, future: 0 } },
	hit_ratio: 0.8,
	hot_keys: [{ key: "user:1", hits: 40, bytes: 120, tags: ["person:1"], expires_in: 50 }],
	hot_tags: [{ tag: "person:1", hits: 40 }],
	...changes,
});
const found = (changes: Loose = {}) => ({
	key: "user:1",
	found: true,
	outcome: "hit",
	level: 1,
	size: 120,
	age: 5,
	expires_in: 50,
	tags: ["person:1"],
	kind: "json",
	preview: '{"name": "Ada"}',
	...changes,
});

describe("what the hub answers", () => {
	test("is read as a standing that people understand", () => {
		const standing = (changes: Loose) => parseCache(answer({ level2: { ...LEVEL2, ...changes } })).level2.standing;
		expect(standing({})).toBe("shared");
		expect(standing({ linked: false })).toBe("unlinked");
		expect(standing({ linked: false, keys: null })).toBe("away");
		expect(standing({ breaker: "open" })).toBe("away");
		expect(parseCache(answer({ level2: NONE })).level2.standing).toBe("none");
	});

	test("is refused where it is not what was agreed", () => {
		expect(() => parseCache(answer({ history: [{ at: "soon" }] }))).toThrow("at is not a time");
		expect(() => parseCache(answer({ every_seconds: 0 }))).toThrow("every_seconds");
		expect(() => parseCache({ ...answer(), level1: null })).toThrow("level1");
		expect(parseCache(answer()).refused).toEqual([["damaged", 1]]);
	});

	test("is asked for with names as people type them", () => {
		expect(concernedPath({ what: "pattern", name: "a&b *" })).toBe("/hub/v1/cache/concerned?pattern=a%26b%20*");
		expect(concernedPath({ what: "all", name: "" })).toBe("/hub/v1/cache/concerned?all=true");
		expect([bodyOf({ what: "tag", name: "t" }), bodyOf({ what: "all", name: "" })]).toEqual([
			{ tag: "t" },
			{ all: true },
		]);
	});
});

describe("the history", () => {
	const { points } = parseHistory([pointAt(-65), pointAt(-5), pointAt(0, { errors: 3, misses: 12 })], 5);

	test("is joined and told minute by minute, newest first, and loses nothing", () => {
		expect(joined(points, 20).reduce((sum, { level1 }) => sum + level1, 0)).toBe(18);
		expect(minutes(points).map(({ level1, misses, errors }) => [level1, misses, errors])).toEqual([
			[12, 14, 3],
			[6, 2, 0],
		]);
	});

	test("has no share where nobody asked", () => {
		const none = { level1: 0, level2: 0, stale: 0, misses: 0, errors: 0 };
		expect(hitRatio(none)).toBeNull();
		expect(hitRatio({ ...none, stale: 3, misses: 1 })).toBe(0.75);
		expect(CACHE_WORDS.en.point("14:32", none)).toBe("14:32 · nothing was asked for");
	});
});

test("sizes, times and shares are read with their units", () => {
	expect([1, 812, 1436, 67_108_864].map((bytes) => plain(size(bytes, "en")))).toEqual([
		"1 byte",
		"812 bytes",
		"1.4 KiB",
		"64 MiB",
	]);
	expect(plain(size(1436, "fr"))).toBe("1,4 Kio");
	expect([8, 252, -7200, 42_000].map((seconds) => plain(lasting(seconds, "en")))).toEqual([
		"8 s",
		"4 min 12 s",
		"2 h",
		"11 h 40 min",
	]);
	expect([share(0.999, "en"), share(0.001, "en"), share(1, "en"), plain(share(0.5, "fr"))]).toEqual([
		"99%",
		"1%",
		"100%",
		"50 %",
	]);
});

test("French breaks no line before its punctuation", () => {
	const { fr } = CACHE_WORDS;
	const said = (entry: unknown): string =>
		typeof entry === "string"
			? entry
			: typeof entry === "function"
				? String(entry("x", { level1: 1, level2: 1, stale: 1, misses: 1, errors: 1 }))
				: Object.values(entry as object)
						.map(said)
						.join("\n");
	expect(said(fr)).not.toMatch(/[^\d"] [;:!?%»]|« /);
});

describe("the section", () => {
	let state: Loose;
	let entry: Loose;
	let told: Record<string, Loose[]>;
	let problem: Error | null;
	const api = vi.fn();

	beforeEach(() => {
		vi.useFakeTimers({ now: NOW });
		state = answer();
		entry = found();
		told = {};
		problem = null;
		api.mockReset().mockImplementation(async (path: string, init: Loose) => {
			if (problem !== null && path !== "/hub/v1/cache") {
				throw problem;
			}
			if (init?.method === "POST") {
				return { what: "pattern", name: "x", count: 3, pending: 1 };
			}
			if (path.includes("/concerned")) {
				return { what: "tag", name: "x", level1: 3, level2: path.includes("all=") ? 1200 : null };
			}
			return path.includes("/entry") ? entry : state;
		});
	});
	afterEach(() => {
		document.body.replaceChildren();
		vi.useRealTimers();
	});

	const settled = async (el: Loose) => {
		for (let turn = 0; turn < 4; turn++) {
			await vi.advanceTimersByTimeAsync(0);
			await el.updateComplete;
		}
	};
	const put = async (locale = "en") => {
		const bus = {
			on: (type: string, handler: Loose) => {
				told[type] = [...(told[type] ?? []), handler];
				return () => {};
			},
		};
		const props = { api, signal: new AbortController().signal, locale, theme: "light", notify: vi.fn(), bus };
		const el: Loose = Object.assign(document.createElement("admin-cache"), { props });
		document.body.append(el);
		await settled(el);
		return el;
	};
	const find = (el: Loose, name: string) => el.renderRoot.querySelector(`[data-testid=${name}]`);
	const press = async (el: Loose, name: string) => {
		find(el, name).click();
		await settled(el);
	};
	const posts = () => api.mock.calls.filter(([, init]) => init?.method === "POST");
	const submit = async (el: Loose, form: string) => {
		find(el, form).dispatchEvent(new Event("submit", { cancelable: true }));
		await settled(el);
	};

	test("says in words how much was at hand, and how level 2 is", async () => {
		const el = await put();
		expect(find(el, "cache-summary").textContent).toContain("80% of what was asked for");
		expect(find(el, "cache-level2").dataset.standing).toBe("shared");
		expect(plain(find(el, "cache-level1").textContent)).toContain("2 KiB of 64 MiB");
		state = answer({ level2: { ...LEVEL2, linked: false, keys: null, cause: "refused", pending: 2 } });
		await vi.advanceTimersByTimeAsync(5000);
		await settled(el);
		expect(find(el, "cache-level2").dataset.standing).toBe("away");
		expect(el.renderRoot.textContent).toContain("none fails because of it");
		expect(el.renderRoot.textContent).toContain("before it is believed again");
	});

	test("says what Redis would add where there is none, and what will stand where nothing does", async () => {
		state = answer({ level2: NONE, hot_keys: [], hot_tags: [], history: [] });
		const el = await put();
		expect(el.renderRoot.textContent).toContain("With Redis");
		expect(el.renderRoot.textContent).toContain("Nothing is kept here yet");
		expect(find(el, "cache-summary").textContent).toContain("Nothing was asked for");
	});

	test("shows all of a key, and forgets it only after a yes", async () => {
		const el = await put();
		await press(el, "open-row");
		expect(api).toHaveBeenCalledWith("/hub/v1/cache/entry?key=user%3A1");
		expect(plain(find(el, "cache-facts").textContent)).toContain("in 50 s");
		expect(find(el, "cache-preview").textContent).toContain("Ada");
		await press(el, "key-forget");
		expect(find(el, "forget-ask").textContent).toContain("Forget the key “user:1”?");
		expect(el.renderRoot.activeElement.dataset.testid).toBe("forget-yes");
		await press(el, "forget-no");
		expect(posts()).toHaveLength(0);
		expect(el.renderRoot.activeElement.dataset.testid).toBe("key-forget");
		entry = found({ found: false, outcome: "miss", level: null, preview: null, tags: [] });
		await press(el, "key-forget");
		await press(el, "forget-yes");
		expect(posts()[0]).toEqual(["/hub/v1/cache/invalidate", expect.objectContaining({ body: { key: "user:1" } })]);
		expect(find(el, "cache-facts").dataset.outcome).toBe("miss");
	});

	test("looks up what is typed, once more when it is typed again", async () => {
		const el = await put();
		find(el, "look-key").value = "order:7";
		await submit(el, "cache-look");
		await submit(el, "cache-look");
		expect(api.mock.calls.filter(([path]) => path.includes("entry?key=order%3A7"))).toHaveLength(2);
		expect(find(el, "admin-panel")).not.toBeNull();
	});

	test("looks again by itself at a key for which level 2 did not answer", async () => {
		entry = found({ found: false, outcome: "unavailable", level: null, preview: null, tags: [] });
		const el = await put();
		await press(el, "open-row");
		expect(find(el, "cache-facts").dataset.outcome).toBe("unavailable");
		entry = found();
		await vi.advanceTimersByTimeAsync(5000);
		await settled(el);
		expect(find(el, "cache-facts").dataset.outcome).toBe("hit");
		const looks = () => api.mock.calls.filter(([path]) => path.includes("/entry")).length;
		const before = looks();
		await vi.advanceTimersByTimeAsync(5000);
		await settled(el);
		expect(looks()).toBe(before);
	});

	test("forgets by pattern after it has said how many that concerns", async () => {
		const el = await put();
		find(el, "forget-name").value = "user:*";
		await submit(el, "cache-forget");
		expect(find(el, "forget-ask").textContent).toContain("This process has 3 values of it.");
		expect(find(el, "forget-ask").textContent).toContain("Level 2 is searched for it");
		await press(el, "forget-yes");
		expect(posts()[0]?.[1].body).toEqual({ pattern: "user:*" });
		const said = "Keys that match “user:*” are forgotten. 3 values went. Level 2 is told as soon as it answers.";
		expect(el.props.notify).toHaveBeenCalledWith(said, "success");
	});

	test("forgets everything, and a tag from its row", async () => {
		const el = await put();
		const what = find(el, "forget-what");
		what.value = "all";
		what.dispatchEvent(new Event("change"));
		await settled(el);
		await submit(el, "cache-forget");
		expect(plain(find(el, "forget-ask").textContent)).toContain("about 1,200 keys");
		await press(el, "forget-yes");
		await press(el, "tag-forget");
		await press(el, "forget-yes");
		expect(posts().map(([, init]) => init.body)).toEqual([{ all: true }, { tag: "person:1" }]);
	});

	test("tells what the hub refused, and asks nothing then", async () => {
		const el = await put();
		problem = new TypeError("gone");
		find(el, "forget-name").value = "x";
		await submit(el, "cache-forget");
		expect(find(el, "admin-mishap").textContent).toContain("Forgetting it did not work.");
		expect(find(el, "forget-ask")).toBeNull();
		await press(el, "open-row");
		expect(find(el, "look-failed").textContent).toContain("Looking the key up did not work.");
	});

	test("hears what others made it forget, and only that", async () => {
		const el = await put();
		const asked = () => api.mock.calls.filter(([path]) => path === "/hub/v1/cache").length;
		const before = asked();
		told["cache:invalidated"]?.[0]({ data: { keys: ["frontends"] } });
		await settled(el);
		expect(asked()).toBe(before);
		told["cache:invalidated"]?.[0]({ data: { what: "all" } });
		await settled(el);
		expect(asked()).toBe(before + 1);
	});

	test("has a chart that is read by keyboard, and its table", async () => {
		const el = await put();
		const chart = el.renderRoot.querySelector("cache-chart");
		await settled(chart);
		const slider = chart.renderRoot.querySelector("[role=slider]");
		expect(slider.getAttribute("aria-valuetext")).toContain("80% at hand");
		slider.dispatchEvent(new KeyboardEvent("keydown", { key: "Home" }));
		await settled(chart);
		expect(slider.getAttribute("aria-valuenow")).toBe("1");
		expect(find(el, "chart-table").querySelectorAll("tbody tr")).toHaveLength(1);
	});
});
