/** The hub's events, as far as a page can tell: a stream, what is published, how it ends. */

import { randomBytes } from "node:crypto";

const EPOCH = randomBytes(4).toString("hex");
const HEARTBEAT_SECONDS = 15;
const ADA = { id: "1", name: "Ada Lovelace" };

/** Open streams and what they were told; one hub has one. */
export class Events {
	#seq = 0;
	#told = [];
	#streams = new Set();

	constructor() {
		setInterval(() => this.#write(": beat\n\n"), HEARTBEAT_SECONDS * 1000).unref();
		this.emit({ type: "orders:changed", source: "orders", data: { id: "20421" }, by: ADA });
		this.emit({ type: "notification:show", data: { message: "Orders is slow since 14:31.", kind: "warning" } });
	}

	get history() {
		return { items: this.#told, cursor: `${EPOCH}-${this.#seq}` };
	}

	emit({ type, data = {}, source = "MainHub", by = null, tab = null }) {
		this.#seq += 1;
		const id = `${EPOCH}-${this.#seq}`;
		const event = { id, type, timestamp: new Date().toISOString(), source, data, by, tab };
		this.#told = [...this.#told, event].slice(-100);
		this.#write(frame(event));
		return { id, timestamp: event.timestamp };
	}

	/** Serves one stream of *person*, after what the page heard last. */
	open(request, response, person) {
		response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
		const cursor = `${EPOCH}-${this.#seq}`;
		const hello = { person, session: "0".repeat(32), heartbeat_seconds: HEARTBEAT_SECONDS, cursor };
		response.write(`retry: 2000\nid: ${cursor}\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`);
		const after = request.headers["last-event-id"];
		if (after?.startsWith(EPOCH)) {
			const from = Number(after.slice(EPOCH.length + 1));
			response.write(
				this.#told
					.filter(({ id }) => Number(id.slice(EPOCH.length + 1)) > from)
					.map(frame)
					.join(""),
			);
		} else if (after !== undefined) {
			response.write(`event: gap\ndata: {"reason":"restarted"}\n\n${this.#told.map(frame).join("")}`);
		}
		this.#streams.add(response);
		response.on("close", () => this.#streams.delete(response));
	}

	/** Ends every stream, as the hub does when a session is over. */
	end(reason, by) {
		this.#write(`event: end\ndata: ${JSON.stringify({ reason, by })}\n\n`);
		for (const stream of this.#streams) {
			stream.end();
		}
	}

	#write(text) {
		for (const stream of this.#streams) {
			stream.write(text);
		}
	}
}

function frame(event) {
	return `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}
