import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { joined, minutes, parseHistory, stretches } from "./history.js";
import { shapes } from "./plot.js";
import { duration, Reading } from "./readable.js";
import { parseResilience, rejections, secondsUntil } from "./resilience.js";
import { BREAKER_STATES } from "./states.js";
import { RESILIENCE_WORDS } from "./words.js";
import "./section.js";

/** As typed: with spaces that a line may break at. */
const plain = (text: string | null | undefined) => text?.replaceAll("\u00a0", " ");
/** Whatever an element holds: these tests look behind its doors. */
type Loose = ReturnType<typeof JSON.parse>;

const NOW = new Date("2026-11-22T14:32:00Z");
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const NONE = { circuit_open: 0, bulkhead_full: 0, budget_exhausted: 0, deadline: 0, rate_limited: 0 };
const pointAt = (seconds: number, state: string | null = "closed", calls = 4) => ({
	at: at(seconds),
	calls,
	failures: 1,
	rejected: 0,
	state,
});
const pipeline = (changes: Loose = {}): Loose => ({
	name: "service-orders",
	kind: "service",
	title: "Orders",
	state: "closed",
	since: at(-60),
	cause: null,
	changed_by: null,
	next_probe_at: null,
	paused_until: null,
	window: { seconds: 10, calls: 9, failures: 3, slow: 0, consecutive: 3 },
	thresholds: {
		consecutive: 5,
		failure_rate: 0.5,
		min_calls: 20,
		slow_rate: null,
		slow_after_seconds: null,
		open_for_seconds: 60,
		probes: 1,
		close_after: 2,
	},
	totals: { calls: 40, ok: 30, failed: 8, neutral: 2, retries: 3, timeouts: 1, hedges: 0, fallbacks: 0 },
	rejected: NONE,
	in_flight: 3,
	queued: 0,
	bulkhead: { limit: 64, queue: 32 },
	history: [pointAt(-10), pointAt(-5), pointAt(0)],
	transitions: [],
	...changes,
});
const OPEN = {
	state: "open",
	cause: "consecutive-failures",
	next_probe_at: at(8),
	rejected: { ...NONE, circuit_open: 40, budget_exhausted: 2 },
	transitions: [{ at: at(-52), before: "closed", after: "open", cause: "consecutive-failures", by: null }],
};
const answer = (...items: Loose[]): Loose => ({ items, every_seconds: 5, at: NOW.toISOString() });

describe("the answer", () => {
	test("stands worst first, and by title within the same state", () => {
		const named = (name: string, changes: Loose) => pipeline({ name, title: name, ...changes });
		const { items } = parseResilience(
			answer(
				named("e", { state: null, window: null, thresholds: null, bulkhead: null }),
				named("d", {}),
				named("c", { paused_until: at(9) }),
				named("b", { state: "half-open" }),
				named("a2", { state: "isolated" }),
				named("a1", OPEN),
				named("c2", { state: "disabled" }),
				named("cc", {}),
			),
			NOW,
		);
		expect(items.map(({ name }) => name)).toEqual(["a1", "a2", "b", "c", "c2", "cc", "d", "e"]);
	});

	test("is refused where a number or a time is none", () => {
		expect(() => parseResilience(answer(pipeline({ queued: "3" })), NOW)).toThrow("queued");
		expect(() => parseResilience(answer(pipeline({ since: "soon" })), NOW)).toThrow("since");
		expect(() => parseResilience(answer(pipeline({ history: [{ ...pointAt(0), calls: null }] })), NOW)).toThrow(
			"calls",
		);
		expect(() => parseResilience({ items: [], every_seconds: 0 }, NOW)).not.toThrow();
		expect(() => parseHistory([], 0)).toThrow("every_seconds");
	});

	test("tells a state that is not known here as the worst", () => {
		expect(parseResilience(answer(pipeline({ state: "melted" })), NOW).items[0]?.state).toBe("open");
	});

	test("counts what was turned away, retries that were not made aside", () => {
		const [one] = parseResilience(answer(pipeline(OPEN)), NOW).items;
		expect(one && rejections(one)).toBe(40);
		expect(one?.rejected).toEqual([
			["circuit_open", 40],
			["budget_exhausted", 2],
		]);
	});

	test("corrects for a clock that is wrong, and for no other", () => {
		const ahead = new Date(NOW.getTime() + 90_000);
		expect(parseResilience(answer(), ahead).aheadMs).toBe(90_000);
		expect(secondsUntil(new Date(at(8)), ahead, 90_000)).toBe(8);
		expect(parseResilience(answer(), new Date(NOW.getTime() + 900)).aheadMs).toBe(0);
		expect(parseResilience({ items: [], every_seconds: 5 }, ahead).aheadMs).toBe(0);
		expect(secondsUntil(new Date(at(-8)), NOW, 0)).toBe(0);
	});
});

describe("the history", () => {
	const history = parseHistory(
		[
			pointAt(-70),
			pointAt(-65),
			pointAt(-60, "open"),
			pointAt(-55, "open"),
			pointAt(-5, "half-open"),
			pointAt(0, null),
		],
		5,
	);

	test("is told minute by minute, newest first", () => {
		expect(minutes(history.points).map(({ calls, failures, states }) => [calls, failures, states])).toEqual([
			[12, 3, ["open", "half-open"]],
			[12, 3, ["closed", "open"]],
		]);
	});

	test("loses nothing when intervals are joined", () => {
		const all = joined(history.points, 20);
		expect(all.reduce((sum, { calls }) => sum + calls, 0)).toBe(24);
		expect(all.length).toBeLessThan(history.points.length);
	});

	test("has a stretch for each state, and none over a gap", () => {
		const second = (seconds: number) => NOW.getTime() / 1000 + seconds;
		expect(stretches(history)).toEqual([
			{ state: "closed", from: second(-75), to: second(-65) },
			{ state: "open", from: second(-65), to: second(-55) },
			{ state: "half-open", from: second(-10), to: second(-5) },
		]);
	});

	test("is drawn with a shape for each state, within its width", () => {
		const drawings = BREAKER_STATES.map((state) => JSON.stringify(shapes(state, 40)));
		expect(new Set(drawings).size).toBe(BREAKER_STATES.length);
		for (const width of [1, 7, 40, 333.3]) {
			for (const [x, , wide] of BREAKER_STATES.flatMap((state) => shapes(state, width))) {
				expect(wide).toBeGreaterThan(0);
				expect(x + wide).toBeLessThanOrEqual(width + 1e-9);
			}
		}
	});
});

describe("what is read", () => {
	const reading = (changes: Loose, now: Date) => {
		const [one] = parseResilience(answer(pipeline(changes)), NOW).items;
		return one && new Reading(one, RESILIENCE_WORDS.en, "en", now, 0);
	};

	test("counts down to the next try, which comes with a call and not before", () => {
		expect(plain(reading(OPEN, NOW)?.nextTry)).toBe("in 8 s");
		expect(plain(reading(OPEN, new Date(at(7.5)))?.nextTry)).toBe("in 1 s");
		expect(reading(OPEN, new Date(at(20)))?.nextTry).toBe("with the next call");
		expect(reading({ next_probe_at: at(8) }, NOW)?.nextTry).toBeNull();
	});

	test("tells a pause until it is over", () => {
		expect(plain(reading({ paused_until: at(75) }, NOW)?.pause)).toContain("1 min 15 s");
		expect(reading({ paused_until: at(75) }, new Date(at(76)))?.pause).toBeNull();
	});

	test("names who did it, and a cause that is new here as it came", () => {
		expect(reading({ cause: "by-hand", changed_by: "Ada" }, NOW)?.cause).toBe("By hand, Ada");
		expect(reading({ cause: "moon-phase" }, NOW)?.cause).toBe("moon-phase");
	});

	test("has durations with their units", () => {
		expect([0.5, 8, 60, 312].map((seconds) => plain(duration(seconds, "en")))).toEqual([
			"0.5 s",
			"8 s",
			"1 min",
			"5 min 12 s",
		]);
	});
});

describe("the section", () => {
	let items: Loose[];
	let told: Record<string, Loose[]>;
	let fails: boolean;
	const api = vi.fn();

	beforeEach(() => {
		vi.useFakeTimers({ now: NOW });
		items = [pipeline({ name: "database", title: "Database", kind: "database" }), pipeline(OPEN)];
		told = {};
		fails = false;
		api.mockReset().mockImplementation(async (_: string, init: Loose) => {
			if (init?.method === "POST" && fails) {
				throw new TypeError("gone");
			}
			return answer(...items);
		});
	});
	afterEach(() => {
		document.body.replaceChildren();
		vi.useRealTimers();
	});

	const settled = async (el: Loose) => {
		await vi.advanceTimersByTimeAsync(0);
		await el.updateComplete;
	};
	const put = async (locale = "en") => {
		const bus = {
			on: (type: string, handler: Loose) => {
				told[type] = [...(told[type] ?? []), handler];
				return () => {};
			},
		};
		const props = { api, signal: new AbortController().signal, locale, theme: "light", notify: vi.fn(), bus };
		const el: Loose = Object.assign(document.createElement("admin-resilience"), { props });
		document.body.append(el);
		await settled(el);
		return el;
	};
	const find = (el: Loose, name: string) => el.renderRoot.querySelector(`[data-testid=${name}]`);
	const press = async (el: Loose, name: string) => {
		find(el, name).click();
		await settled(el);
	};

	test("says what is open, why, and counts down by itself", async () => {
		const el = await put();
		const row = el.renderRoot.querySelector("[data-pipeline]");
		expect(row.dataset).toMatchObject({ pipeline: "service-orders", state: "open" });
		expect(row.textContent).toContain("Too many failures in a row");
		expect(plain(row.textContent)).toContain("next try in 8 s");
		expect(find(el, "resilience-summary").textContent).toContain("1 of 2 lets no calls through now.");
		await vi.advanceTimersByTimeAsync(3000);
		await el.updateComplete;
		expect(plain(row.textContent)).toContain("next try in 5 s");
	});

	test("offers no way to lock everybody out", async () => {
		const el = await put();
		el.renderRoot.querySelector("[data-pipeline=database] [data-testid=open-row]").click();
		await settled(el);
		expect(find(el, "resilience-isolate")).toBeNull();
		expect(find(el, "resilience-needed").textContent).toContain("nobody could take it back");
		expect(find(el, "resilience-close")).not.toBeNull();
	});

	test("asks first, says what it means for people, then does it", async () => {
		const el = await put();
		el.renderRoot.querySelector("[data-pipeline=service-orders] [data-testid=open-row]").click();
		await settled(el);
		await press(el, "resilience-isolate");
		expect(api).not.toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ method: "POST" }));
		expect(find(el, "resilience-ask").textContent).toContain("The rest of the hub works.");
		expect(el.renderRoot.activeElement.dataset.testid).toBe("resilience-yes");
		await press(el, "resilience-no");
		expect(el.renderRoot.activeElement.dataset.testid).toBe("resilience-isolate");
		await press(el, "resilience-isolate");
		await press(el, "resilience-yes");
		expect(api).toHaveBeenCalledWith("/hub/v1/resilience/service-orders/isolate", { method: "POST" });
		expect(el.props.notify).toHaveBeenCalledWith(expect.stringContaining("is isolated."), "success");
		expect(el.renderRoot.activeElement.id).toBe("panel-title");
	});

	test("tells a deed that failed", async () => {
		const el = await put();
		await press(el, "open-row");
		await press(el, "resilience-close");
		fails = true;
		await press(el, "resilience-yes");
		expect(find(el, "admin-mishap").textContent).toContain("Closing Orders did not work.");
	});

	test("offers no deed that changes nothing, and none without a breaker", async () => {
		items = [pipeline({ state: "isolated" })];
		const el = await put();
		await press(el, "open-row");
		expect(find(el, "resilience-isolate").disabled).toBe(true);
		expect(find(el, "resilience-close").disabled).toBe(false);
		items = [pipeline({ state: null, window: null, thresholds: null })];
		await vi.advanceTimersByTimeAsync(5000);
		await settled(el);
		expect(find(el, "resilience-close")).toBeNull();
		expect(find(el, "admin-panel").textContent).toContain("It has no breaker");
	});

	test("hears of a change at once, and says it aloud", async () => {
		const el = await put();
		items = [pipeline({ state: "half-open" })];
		told["resilience:changed"]?.[0]({
			data: { pipeline: "service-orders", state: "half-open", cause: "open-time-over" },
		});
		await settled(el);
		expect(el.renderRoot.querySelector("[data-pipeline]").dataset.state).toBe("half-open");
		expect(el.renderRoot.querySelector("[role=status].silent").textContent).toBe("Orders: Half-open.");
	});

	test("has a chart that is read by keyboard, and its table", async () => {
		const el = await put();
		await press(el, "open-row");
		const chart = el.renderRoot.querySelector("pipeline-chart[place=panel]");
		await settled(chart);
		const slider = chart.renderRoot.querySelector("[role=slider]");
		expect(slider.getAttribute("aria-valuetext")).toContain("8 calls");
		slider.dispatchEvent(new KeyboardEvent("keydown", { key: "Home" }));
		await settled(chart);
		expect(slider.getAttribute("aria-valuenow")).toBe("1");
		expect(find(el, "chart-table").querySelectorAll("tbody tr")).toHaveLength(1);
	});
});
