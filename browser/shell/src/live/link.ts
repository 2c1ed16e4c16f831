/**
 * The link of this page to the hub's events. Over HTTP/1.1 a browser opens six connections to a host,
 * for all its tabs together: so one tab of a person holds the stream and tells the others. When it
 * goes, the next one takes over from the last event that it heard.
 */

import { wait } from "../wait.js";
import { EventStream, type StreamWorld } from "./stream.js";
import { type Arrived, type EndReason, type Link, readEvent, readTold, type Told } from "./wire.js";

export interface LinkWorld extends StreamWorld {
	/** `undefined` outside secure contexts: then every tab holds a stream of its own. */
	readonly locks: Pick<LockManager, "request"> | undefined;
	readonly channel: ((name: string) => BroadcastChannel) | undefined;
}

export interface LinkListener {
	readonly arrived: (arrived: Arrived) => void;
	readonly gap: (reason: string) => void;
	readonly link: (link: Link) => void;
	/** Nothing follows this. */
	readonly ended: (reason: EndReason, by: string | null) => void;
	/** The browser belongs to another person now. Nothing follows this. */
	readonly other: () => void;
}

/** Tabs of one make understand each other. */
const NAME = "mainhub-events-1-";
/** The lead is kept so long after the end, so that no other tab asks before it was told. */
const LINGER_SECONDS = 2;

export class HubLink {
	readonly #world: LinkWorld;
	readonly #page: LinkListener;
	readonly #over = new AbortController();
	readonly #stream: EventStream;
	#channel: BroadcastChannel | null = null;
	#cursor: string | null = null;
	#link: Link = "trying";
	#isLeading = false;

	constructor(world: LinkWorld, page: LinkListener) {
		this.#world = world;
		this.#page = page;
		this.#stream = new EventStream(world, {
			event: (data) => this.#spread({ kind: "event", data }),
			gap: (reason) => this.#spread({ kind: "gap", reason }),
			link: (link, cursor) => this.#spread({ kind: "link", link, cursor }),
			ended: (reason, by) => this.#spread({ kind: "ended", reason, by }),
			other: () => this.#spread({ kind: "other" }),
		});
	}

	start(): void {
		const { locks, channel, person } = this.#world;
		if (locks === undefined || channel === undefined) {
			void this.#hold();
			return;
		}
		this.#channel = channel(NAME + person);
		this.#channel.onmessage = ({ data }) => this.#hear(data);
		this.#channel.postMessage({ kind: "ask" } satisfies Told);
		locks
			.request(NAME + person, { signal: this.#over.signal }, () => this.#hold())
			// Ended while it waited, or forbidden here: then this tab goes without the others.
			.catch(() => (this.#over.signal.aborted ? undefined : this.#hold()));
	}

	nudge(): void {
		this.#stream.nudge();
	}

	drop(): void {
		this.#stream.drop();
	}

	/** The person has signed out here: the other tabs are told even where no stream is. */
	signedOut(): void {
		this.#channel?.postMessage({ kind: "ended", reason: "signed-out", by: null } satisfies Told);
		this.#over.abort();
	}

	async #hold(): Promise<void> {
		this.#isLeading = true;
		await this.#stream.run(this.#cursor, this.#over.signal);
		await wait(LINGER_SECONDS, new AbortController().signal);
	}

	/** Tells the other tabs, then this one. */
	#spread(told: Told): void {
		this.#channel?.postMessage(told);
		this.#take(told);
	}

	#hear(message: unknown): void {
		const told = readTold(message);
		if (told === null) {
			return;
		}
		if (told.kind !== "ask") {
			this.#take(told);
		} else if (this.#isLeading) {
			this.#channel?.postMessage({ kind: "link", link: this.#link, cursor: this.#cursor } satisfies Told);
		}
	}

	#take(told: Told): void {
		if (this.#over.signal.aborted) {
			return;
		}
		switch (told.kind) {
			case "event": {
				const arrived = readEvent(told.data);
				if (arrived !== null) {
					this.#cursor = arrived.event.id;
					this.#page.arrived(arrived);
				}
				break;
			}
			case "gap":
				this.#page.gap(told.reason);
				break;
			case "link":
				this.#cursor = told.cursor ?? this.#cursor;
				if (this.#link !== told.link) {
					this.#link = told.link;
					this.#page.link(told.link);
				}
				break;
			case "ended":
				this.#over.abort();
				this.#page.ended(told.reason, told.by);
				break;
			case "other":
				this.#over.abort();
				this.#page.other();
				break;
		}
	}
}
