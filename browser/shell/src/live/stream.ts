/**
 * The stream of the hub's events, kept open: by fetch, since EventSource hides statuses and sends no
 * header. What ends it for good is told; after anything else it is opened again.
 */

import { newTraceId, newTraceparent } from "../trace.js";
import { wait } from "../wait.js";
import { type Frame, FrameReader } from "./sse.js";
import { type EndReason, endReason, type Link, readRecord, textOf } from "./wire.js";

export interface StreamWorld {
	readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
	readonly random: () => number;
	/** Whose page this is. */
	readonly person: string;
}

export interface StreamListener {
	/** *data* is the event as the hub sent it. */
	readonly event: (data: string) => void;
	/** What came between is not known for certain. */
	readonly gap: (reason: string) => void;
	/** *cursor* is where this tab stands. */
	readonly link: (link: Link, cursor: string | null) => void;
	readonly ended: (reason: EndReason, by: string | null) => void;
	/** The hub takes this page for another person's. */
	readonly other: () => void;
}

/** How one connection came to its end: for good, or to be tried again, if given, no sooner than that. */
type Outcome = "over" | { readonly afterSeconds?: number; readonly isAway?: boolean };

const OPENING_SECONDS = 15;
/** Until the hub has said its own. */
const HEARTBEAT_SECONDS = 15;
const SILENT_BEATS = 2.5;
const LONGEST_PAUSE_SECONDS = 30;
/** The least after an answer that asks for patience. */
const PATIENCE_SECONDS = 5;
/** For a sign-in of another tab whose cookie is on its way; longer where one is known to be. */
const COOKIE_SECONDS = [0.3];
const NEW_COOKIE_SECONDS = [0.2, 0.3, 0.3];
const FOR_GOOD: ReadonlySet<string> = new Set(["signed-out", "revoked", "expired", "provider"]);

export class EventStream {
	readonly #world: StreamWorld;
	readonly #hears: StreamListener;
	#cursor: string | null = null;
	#connection = new AbortController();
	#pause = new AbortController();
	#heartbeat = HEARTBEAT_SECONDS;
	#heardAt = 0;
	#isOffline = false;
	#isNudged = false;
	#wasLive = false;
	/** The session was replaced: by this person's own new one, or the page is over. */
	#replaced: { readonly by: string | null } | null = null;
	#unknownTimes = 0;

	constructor(world: StreamWorld, hears: StreamListener) {
		this.#world = world;
		this.#hears = hears;
	}

	/** Keeps the stream open, from *cursor* on, until it has ended for good or *signal* is aborted. */
	async run(cursor: string | null, signal: AbortSignal): Promise<void> {
		this.#cursor = cursor;
		for (let failures = 0; !signal.aborted; failures++) {
			const outcome = await this.#connect(signal);
			if (outcome === "over" || signal.aborted) {
				return;
			}
			failures = this.#wasLive ? 0 : failures;
			const isAway = outcome.isAway === true && failures > 0;
			this.#hears.link(isAway ? "away" : "trying", this.#cursor);
			const seconds = this.#isNudged ? 0 : (outcome.afterSeconds ?? this.#growing(failures));
			await this.#sleep(seconds, signal);
		}
	}

	/** Now may be better than later: the network is back, or someone looks. */
	nudge(): void {
		this.#isOffline = false;
		this.#pause.abort();
		if (Date.now() - this.#heardAt > this.#heartbeat * 1500) {
			this.#isNudged = true;
			this.#connection.abort();
		}
	}

	/** The network has gone. */
	drop(): void {
		this.#isOffline = true;
		this.#connection.abort();
	}

	async #connect(signal: AbortSignal): Promise<Outcome> {
		this.#connection = new AbortController();
		this.#heardAt = Date.now();
		this.#isNudged = false;
		this.#wasLive = false;
		const end = AbortSignal.any([signal, this.#connection.signal]);
		const silence = new Silence(this.#connection);
		silence.allow(OPENING_SECONDS);
		try {
			const response = await this.#world.fetch("/events/stream", this.#request(end));
			const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
			if (response.status !== 200 || !isStream || response.body === null) {
				void response.body?.cancel().catch(() => {});
				return this.#refused(response);
			}
			this.#unknownTimes = 0;
			return await this.#read(response.body.getReader(), silence, end);
		} catch {
			// The network, or an end that this page made itself.
			return { isAway: !this.#connection.signal.aborted };
		} finally {
			silence.end();
			this.#connection.abort();
		}
	}

	#request(signal: AbortSignal): RequestInit {
		const headers = new Headers({
			accept: "text/event-stream",
			traceparent: newTraceparent(newTraceId()),
			"x-mainhub-background": "1",
		});
		if (this.#cursor !== null) {
			headers.set("last-event-id", this.#cursor);
		}
		return { headers, signal, credentials: "same-origin", cache: "no-store" };
	}

	#refused({ status, headers }: Response): Outcome {
		if (status === 401) {
			const waits = this.#replaced === null ? COOKIE_SECONDS : NEW_COOKIE_SECONDS;
			const afterSeconds = waits[this.#unknownTimes++];
			if (afterSeconds !== undefined) {
				return { afterSeconds };
			}
			this.#hears.ended(this.#replaced === null ? "unknown" : "replaced", this.#replaced?.by ?? null);
			return "over";
		}
		if (status === 400 && this.#cursor !== null) {
			this.#cursor = null;
			this.#hears.gap("lost");
			return { afterSeconds: 0 };
		}
		const asked = Number(headers.get("retry-after"));
		if (status === 429 || status === 503) {
			return { afterSeconds: Math.min(Math.max(asked || 0, PATIENCE_SECONDS), 10 * LONGEST_PAUSE_SECONDS) };
		}
		return status >= 500 ? {} : { afterSeconds: LONGEST_PAUSE_SECONDS };
	}

	async #read(body: ReadableStreamDefaultReader<Uint8Array>, silence: Silence, end: AbortSignal): Promise<Outcome> {
		const frames = new FrameReader();
		// A body that another end has closed need not know of the signal.
		end.addEventListener("abort", () => void body.cancel().catch(() => {}), { once: true });
		for (;;) {
			const { done, value } = await body.read();
			if (done || end.aborted) {
				return {};
			}
			this.#heardAt = Date.now();
			silence.allow(this.#heartbeat * SILENT_BEATS);
			for (const frame of frames.read(value)) {
				const outcome = this.#hear(frame);
				if (outcome !== null) {
					return outcome;
				}
			}
		}
	}

	#hear(frame: Frame): Outcome | null {
		switch (frame.event) {
			case "hello":
				return this.#greet(readRecord(frame.data));
			case "end":
				return this.#end(readRecord(frame.data));
			case "gap":
				this.#hears.gap(textOf(readRecord(frame.data), "reason") ?? "lost");
				return null;
			case "message":
				this.#cursor = frame.id || this.#cursor;
				this.#hears.event(frame.data);
				return null;
			default:
				return null;
		}
	}

	#greet(hello: Readonly<Record<string, unknown>>): Outcome | null {
		if (hello["person"] !== this.#world.person) {
			this.#hears.other();
			return "over";
		}
		const beat = hello["heartbeat_seconds"];
		this.#heartbeat = typeof beat === "number" && beat > 0 ? beat : HEARTBEAT_SECONDS;
		this.#cursor = textOf(hello, "cursor") ?? this.#cursor;
		this.#replaced = null;
		this.#wasLive = true;
		this.#hears.link("live", this.#cursor);
		return null;
	}

	#end(said: Readonly<Record<string, unknown>>): Outcome {
		const reason = textOf(said, "reason") ?? "";
		const by = textOf(said, "by");
		if (FOR_GOOD.has(reason)) {
			this.#hears.ended(endReason(reason), by);
			return "over";
		}
		if (reason === "replaced") {
			// Whoever signed in anew did so in this browser: the next connection says who it was.
			this.#replaced = { by };
			return { afterSeconds: 0 };
		}
		return {};
	}

	#growing(failures: number): number {
		if (this.#isOffline) {
			return LONGEST_PAUSE_SECONDS;
		}
		// Half to full: pages that lost the hub together do not come back together.
		return Math.min(LONGEST_PAUSE_SECONDS, 2 ** (failures + 1)) * (0.5 + this.#world.random() / 2);
	}

	async #sleep(seconds: number, signal: AbortSignal): Promise<void> {
		this.#pause = new AbortController();
		await wait(seconds, AbortSignal.any([signal, this.#pause.signal])).catch(() => {});
	}
}

/** Ends a connection on which nothing comes any more. */
class Silence {
	readonly #connection: AbortController;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(connection: AbortController) {
		this.#connection = connection;
	}

	allow(seconds: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#connection.abort(), seconds * 1000);
	}

	end(): void {
		clearTimeout(this.#timer);
	}
}
