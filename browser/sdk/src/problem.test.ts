import { describe, expect, test } from "vitest";
import { ApiProblem, parseProblem, problemType } from "./problem.js";

describe("parseProblem", () => {
	test("reads every field of a problem", () => {
		const problem = parseProblem(
			403,
			{
				type: problemType("missing-role"),
				title: "A role is missing",
				detail: "Orders",
				trace_id: "abc",
				remedy: "Ask",
				retry_at: "2026-11-22T14:32:00Z",
				needs: ["Admin", 7, "Editor"],
			},
			"own",
		);
		expect(problem).toBeInstanceOf(ApiProblem);
		expect(problem.is("missing-role")).toBe(true);
		expect(problem.traceId).toBe("abc");
		expect(problem.retryAt?.toISOString()).toBe("2026-11-22T14:32:00.000Z");
		expect(problem.needs).toEqual(["Admin", "Editor"]);
	});

	test.each([["<html>"], [null], [undefined], [[]], [{ type: 5, needs: "Admin", retry_at: "soon" }]])(
		"makes a problem of %j, too",
		(body) => {
			const problem = parseProblem(502, body, "own");
			expect(problem.type).toBe("about:blank");
			expect(problem.status).toBe(502);
			expect(problem.traceId).toBe("own");
			expect(problem.needs).toEqual([]);
			expect(problem.retryAt).toBeNull();
		},
	);
});
