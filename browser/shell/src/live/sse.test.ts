import { describe, expect, test } from "vitest";
import { type Frame, FrameReader } from "./sse.js";

function read(...pieces: readonly (string | Uint8Array)[]): Frame[] {
	const reader = new FrameReader();
	const encoder = new TextEncoder();
	return pieces.flatMap((piece) => reader.read(typeof piece === "string" ? encoder.encode(piece) : piece));
}

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1664525 + 1013904223) % 2 ** 32;
		return state / 2 ** 32;
	};
}

describe("FrameReader", () => {
	test("reads name, data and id", () => {
		expect(read("id: e-1\nevent: hello\ndata: {}\n\n")).toEqual([{ event: "hello", data: "{}", id: "e-1" }]);
	});

	test("joins lines of data, and takes one space away", () => {
		expect(read("data:  a\ndata:b\ndata\n\n")).toEqual([{ event: "message", data: " a\nb\n", id: "" }]);
	});

	test("keeps the id until another is named, and forgets the name with its frame", () => {
		expect(read("id: 1\nevent: x\ndata: a\n\ndata: b\n\n")).toEqual([
			{ event: "x", data: "a", id: "1" },
			{ event: "message", data: "b", id: "1" },
		]);
	});

	test("passes over comments, unknown fields, ids with a zero, and frames without data", () => {
		expect(read(": beat\n\nretry: 2000\nid: a\0b\nother: x\nevent: x\n\ndata: a\n\n")).toEqual([
			{ event: "message", data: "a", id: "" },
		]);
	});

	test("never tells a frame that is not complete", () => {
		expect(read("data: a\n")).toEqual([]);
	});

	test("drops the byte order mark at the start only", () => {
		expect(read("\ufeffdata: a\n\n\ufeffdata: b\n\n")).toEqual([{ event: "message", data: "a", id: "" }]);
	});

	test("an end of CR LF in two pieces is one end", () => {
		expect(read("data: a\r", "\ndata: b\r", "", "\n\r", "\n")).toEqual([{ event: "message", data: "a\nb", id: "" }]);
	});

	test.each(Array.from({ length: 60 }, (_, seed) => seed))(
		"finds the same frames however the bytes are cut (%i)",
		(seed) => {
			const random = numbers(seed + 1);
			const end = ["\n", "\r\n", "\r"][seed % 3] ?? "\n";
			const words = ["", "é", "Commandes à valider", "🚢", "x".repeat(300), "a: b", "\u2028"];
			const expected: Frame[] = [];
			let text = seed % 2 === 0 ? "\ufeff" : "";
			for (let index = 0; index < 20; index++) {
				const lines = Array.from(
					{ length: 1 + Math.floor(random() * 3) },
					() => words[Math.floor(random() * words.length)] ?? "",
				);
				text += [
					`id: e-${index}`,
					...(random() < 0.3 ? [": beat"] : []),
					...lines.map((line) => `data: ${line}`),
					"",
					"",
				].join(end);
				expected.push({ event: "message", data: lines.join("\n"), id: `e-${index}` });
			}
			const bytes = new TextEncoder().encode(text);
			const pieces: Uint8Array[] = [];
			for (let at = 0; at < bytes.length; ) {
				const length = Math.floor(random() * (seed % 5 === 0 ? 3 : 40));
				pieces.push(bytes.slice(at, at + length));
				at += length;
			}
			expect(read(...pieces)).toEqual(expected);
		},
	);
});
