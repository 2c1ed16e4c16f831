import { expect, test } from "vitest";
import { formatChoice, formatDate, formatDay, formatSeconds, formatTime, NBSP } from "./format.js";

const MOMENT = new Date(2026, 10, 23, 9, 5);

test("writes times as the language does", () => {
	expect(formatTime(MOMENT, "fr")).toBe(`9${NBSP}h${NBSP}05`);
	expect(formatTime(MOMENT, "en")).toBe("09:05");
});

test("writes days and dates as the language does", () => {
	expect(formatDay(MOMENT, "fr")).toBe("Lundi 23 novembre");
	expect(formatDay(MOMENT, "en")).toBe("Monday 23 November");
	expect(formatDate("2026-11-24", "fr")).toBe(`24${NBSP}nov.`);
	expect(formatDate("2026-11-24", "en")).toBe(`24${NBSP}Nov`);
});

test("leaves alone what is no date", () => {
	expect(formatDate("soon", "en")).toBe("soon");
});

test("writes durations and choices as the language does", () => {
	expect(formatSeconds(8, "fr")).toBe(`8,0${NBSP}s`);
	expect(formatSeconds(0.25, "en")).toBe(`0.3${NBSP}s`);
	expect(formatChoice(["Admin", "Editor", "Employee"], "fr")).toBe("Admin, Editor ou Employee");
	expect(formatChoice(["Admin"], "en")).toBe("Admin");
});
