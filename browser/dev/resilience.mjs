/** Pipelines as a hub tells of them, made up: one of each state, and what a hand on a breaker does. */

const EVERY_SECONDS = 5;
const POINTS = 120;
const PERIOD_MS = EVERY_SECONDS * 1000;

const STARTED = Date.now();
const ENDS = { isolate: "isolated", close: "closed", disable: "disabled" };
const NONE = { circuit_open: 0, bulkhead_full: 0, budget_exhausted: 0, deadline: 0, rate_limited: 0 };

/** What differs from a quiet pipeline; `since` in seconds before the preview's start. */
const PIPELINES = [
	{
		name: "service-orders",
		title: "Orders",
		kind: "service",
		state: "open",
		cause: "consecutive-failures",
		since: 95,
		share: 0.7,
	},
	{
		name: "service-leave",
		title: "Leave",
		kind: "service",
		state: "half-open",
		cause: "open-time-over",
		since: 12,
		share: 0.4,
	},
	{
		name: "service-planning",
		title: "Planning",
		kind: "service",
		state: "isolated",
		cause: "by-hand",
		by: "Ada Lovelace",
		since: 240,
		share: 0.1,
	},
	{
		name: "service-payroll",
		title: "Payroll",
		kind: "service",
		state: "disabled",
		cause: "by-hand",
		by: "Ada Lovelace",
		since: 400,
		share: 0.2,
	},
	{ name: "service-reports", title: "Reports", kind: "service", state: "closed", pause: 25, since: 0, share: 0 },
	{ name: "identity-entra", title: "Entra ID", kind: "identity", state: "closed", since: 0, share: 0 },
	{ name: "database", title: "Database", kind: "database", state: "closed", since: 0, share: 0.01, busy: 8 },
	{ name: "sessions", title: "Sessions", kind: "sessions", state: null, since: 0, share: 0, busy: 12 },
].map((one) => ({ ...one, at: STARTED - one.since * 1000, transitions: [] }));

/** Between 0 and 1, the same for the same *seed*. */
function chance(seed) {
	const value = Math.sin(seed * 12.9898) * 43758.5453;
	return value - Math.floor(value);
}

function point(one, index, end) {
	const at = end - (POINTS - 1 - index) * PERIOD_MS;
	const seed = Math.round(at / PERIOD_MS) + one.name.length * 1000;
	const isAfter = at >= one.at;
	const wanted = Math.round((one.busy ?? 4) * (1 + chance(seed)));
	const isShut = isAfter && (one.state === "open" || one.state === "isolated");
	const isSick = one.share > 0 && at > one.at - 45_000;
	return {
		at: new Date(at).toISOString(),
		calls: wanted,
		failures: isShut ? 0 : Math.round(wanted * (isSick ? one.share * chance(seed + 7) * 1.4 : 0)),
		rejected: isShut ? wanted : 0,
		state: one.state === null ? null : isAfter ? one.state : "closed",
	};
}

function item(one) {
	const end = Math.floor(Date.now() / PERIOD_MS) * PERIOD_MS;
	const history = Array.from({ length: POINTS }, (_, index) => point(one, index, end));
	const sum = (name) => history.reduce((all, each) => all + each[name], 0);
	const [calls, failed, rejected] = [sum("calls"), sum("failures"), sum("rejected")];
	const iso = (time) => new Date(time).toISOString();
	const hasBreaker = one.state !== null;
	const next = one.at + Math.ceil((Date.now() - one.at) / 60_000) * 60_000;
	return {
		name: one.name,
		kind: one.kind,
		title: one.title,
		state: one.state,
		since: hasBreaker ? iso(one.at) : null,
		cause: one.cause ?? null,
		changed_by: one.by ?? null,
		next_probe_at: one.state === "open" ? iso(next) : null,
		paused_until: one.pause > 0 && Date.now() < STARTED + 300e3 ? iso(STARTED + 300e3) : null,
		window: hasBreaker
			? { seconds: 10, calls: 9, failures: one.share > 0.3 ? 5 : 0, slow: 1, consecutive: one.state === "open" ? 5 : 0 }
			: null,
		thresholds: hasBreaker
			? {
					consecutive: 5,
					failure_rate: 0.5,
					min_calls: 20,
					slow_rate: null,
					slow_after_seconds: null,
					open_for_seconds: 60,
					open_max_seconds: 300,
					probes: 1,
					close_after: 2,
				}
			: null,
		totals: {
			calls,
			ok: calls - failed - rejected,
			failed,
			neutral: 3,
			retries: Math.round(failed / 3),
			timeouts: 2,
			hedges: 0,
			fallbacks: rejected,
		},
		rejected: { ...NONE, circuit_open: rejected, bulkhead_full: one.state === "open" ? 4 : 0 },
		in_flight: one.state === "closed" ? 3 : 0,
		queued: 0,
		bulkhead: one.kind === "service" ? { limit: 64, queue: 32 } : null,
		history,
		transitions: [
			...one.transitions,
			...(one.cause === undefined
				? []
				: [
						{
							at: iso(STARTED - one.since * 1000),
							before: "closed",
							after: one.first ?? one.state,
							cause: one.cause,
							by: one.by ?? null,
						},
					]),
		],
	};
}

export function resilience() {
	return { items: PIPELINES.map(item), every_seconds: EVERY_SECONDS, at: new Date().toISOString() };
}

/** Does *deed* to the pipeline of *name*; returns it, `null` when there is none. */
export function handle(name, deed, by) {
	const one = PIPELINES.find((each) => each.name === name);
	if (one === undefined) {
		return null;
	}
	const before = one.state;
	one.transitions.unshift({ at: new Date().toISOString(), before, after: ENDS[deed], cause: "by-hand", by });
	Object.assign(one, { first: one.first ?? before, state: ENDS[deed], cause: "by-hand", by, at: Date.now() });
	return item(one);
}
