/** A hub that streams, for tests. */

import { vi } from "vitest";

export const PERSON = "person-1";

/** One connection, as the hub sees it. */
export class Connection {
	readonly headers: Headers;
	readonly signal: AbortSignal;
	readonly #pieces: Uint8Array[] = [];
	#wake: () => void = () => {};
	#isOver = false;
	#error: unknown = null;

	constructor(init: RequestInit) {
		this.headers = new Headers(init.headers);
		this.signal = init.signal ?? new AbortController().signal;
		this.signal.addEventListener("abort", () => this.fail(this.signal.reason));
	}

	say(text: string): void {
		this.#pieces.push(new TextEncoder().encode(text));
		this.#wake();
	}

	hello(more: object = {}): void {
		const hello = { person: PERSON, session: "s", heartbeat_seconds: 15, cursor: "e-0", ...more };
		this.say(`event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
	}

	event(id: string, more: object = {}): void {
		const timestamp = "2026-11-22T14:32:00Z";
		const event = { id, type: "orders:changed", timestamp, source: "MainHub", data: {}, by: null, tab: null, ...more };
		this.say(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`);
	}

	end(reason: string, by: string | null = null): void {
		this.say(`event: end\ndata: ${JSON.stringify({ reason, by })}\n\n`);
		this.close();
	}

	close(): void {
		this.#isOver = true;
		this.#wake();
	}

	fail(error: unknown): void {
		this.#error = error;
		this.close();
	}

	get response(): Response {
		const read = async () => {
			while (this.#pieces.length === 0 && !this.#isOver) {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
			}
			const value = this.#pieces.shift();
			if (value === undefined && this.#error !== null) {
				throw this.#error;
			}
			return { done: value === undefined, value };
		};
		const body = { getReader: () => ({ read, cancel: async () => this.close() }), cancel: async () => {} };
		return { status: 200, headers: new Headers({ "content-type": "text/event-stream" }), body } as unknown as Response;
	}
}

export class FakeHub {
	readonly connections: Connection[] = [];
	/** What the next requests are answered, one each; then streams again. */
	readonly refusals: (number | { status: number; retryAfter: string } | Error | "silence")[] = [];

	readonly fetch = vi.fn(async (_url: string, init: RequestInit): Promise<Response> => {
		const refusal = this.refusals.shift();
		if (refusal instanceof Error) {
			throw refusal;
		}
		if (typeof refusal === "number") {
			return { status: refusal, headers: new Headers(), body: null } as unknown as Response;
		}
		if (typeof refusal === "object") {
			const headers = new Headers({ "retry-after": refusal.retryAfter });
			return { status: refusal.status, headers, body: null } as unknown as Response;
		}
		const connection = new Connection(init);
		if (refusal === "silence") {
			return await new Promise<never>((_resolve, reject) => {
				connection.signal.addEventListener("abort", () => reject(connection.signal.reason));
			});
		}
		this.connections.push(connection);
		return connection.response;
	});

	get last(): Connection {
		const last = this.connections.at(-1);
		if (last === undefined) {
			throw new Error("nobody has connected");
		}
		return last;
	}
}

/** Lets everything run that waits for nothing. */
export async function settled(): Promise<void> {
	await vi.advanceTimersByTimeAsync(0);
}
