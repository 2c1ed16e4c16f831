/** Server-sent events as they arrive (WHATWG HTML, 9.2.6): bytes in any pieces, frames out. */

export interface Frame {
	/** `message` when the stream names none. */
	readonly event: string;
	readonly data: string;
	/** The last id that the stream has named so far, `""` before the first. */
	readonly id: string;
}

export class FrameReader {
	readonly #decoder = new TextDecoder();
	#rest = "";
	/** A line that ended in CR may go on with the LF of the same end. */
	#endedInReturn = false;
	#event = "";
	#data: string[] = [];
	#id = "";

	/** Returns the frames that *bytes* complete. */
	read(bytes: Uint8Array): Frame[] {
		// The decoder drops the byte order mark at the start, and holds back half a character.
		let text = this.#decoder.decode(bytes, { stream: true });
		if (this.#endedInReturn && text !== "") {
			text = text.startsWith("\n") ? text.slice(1) : text;
			this.#endedInReturn = false;
		}
		const lines = (this.#rest + text).split(/\r\n|\r|\n/);
		this.#endedInReturn = (this.#rest + text).endsWith("\r") || this.#endedInReturn;
		this.#rest = lines.pop() ?? "";
		return lines.flatMap((line) => this.#take(line));
	}

	#take(line: string): Frame[] {
		if (line === "") {
			return this.#finish();
		}
		const colon = line.indexOf(":");
		const field = colon === -1 ? line : line.slice(0, colon);
		const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (field === "event") {
			this.#event = value;
		} else if (field === "data") {
			this.#data.push(value);
		} else if (field === "id" && !value.includes("\0")) {
			this.#id = value;
		}
		return [];
	}

	#finish(): Frame[] {
		const frame = { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id };
		const isEmpty = this.#data.length === 0;
		this.#event = "";
		this.#data = [];
		return isEmpty ? [] : [frame];
	}
}
