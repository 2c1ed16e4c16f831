import { type Api, ApiProblem, problemType } from "@mainhub/sdk";
import { expect, test, vi } from "vitest";
import { type Placed, Placement, type PlacementState } from "./placement.js";

const CONFLICT = new ApiProblem({ type: problemType("conflict"), status: 409 });
const card = (widget: string): Placed => ({ widget, size: "small" });

function hub(...widgets: readonly string[]) {
	const state = { generation: 1, cards: widgets.map(card) as readonly Placed[], meanwhile: [] as (() => void)[] };
	const api = vi.fn<Api>(async (_path, init) => {
		if (init?.method === "PUT") {
			state.meanwhile.shift()?.();
			const { generation, cards } = init.body as { generation: number; cards: readonly Placed[] };
			if (generation !== state.generation) {
				throw CONFLICT;
			}
			Object.assign(state, { generation: generation + 1, cards });
		}
		return structuredClone({ generation: state.generation, cards: state.cards });
	});
	const states: PlacementState[] = [];
	const tell = vi.fn();
	const placement = new Placement({ api, signal: new AbortController().signal, tell }, (one) => states.push(one));
	const known = () => [...(states.at(-1) as Extract<PlacementState, { kind: "known" }>).widgets];
	return { state, api, placement, states, tell, known };
}

test("places behind the last, removes, and knows what stands there", async () => {
	const { placement, known, state, tell } = hub("a/b");
	await placement.look();
	expect(known()).toEqual(["a/b"]);
	expect(await placement.place("c/d", "large")).toEqual({ kind: "placed" });
	expect(state.cards).toEqual([card("a/b"), { widget: "c/d", size: "large" }]);
	expect(await placement.remove("a/b")).toEqual({ kind: "removed" });
	expect(known()).toEqual(["c/d"]);
	expect(tell).toHaveBeenCalledTimes(2);
});

test("keeps what another page placed at the same moment", async () => {
	const { placement, state, known } = hub("a/b");
	const other = (widget: string) => () =>
		Object.assign(state, { generation: state.generation + 1, cards: [...state.cards, card(widget)] });
	state.meanwhile = [other("x/1"), other("x/2")];
	expect(await placement.place("c/d", "small")).toEqual({ kind: "placed" });
	expect(known()).toEqual(["a/b", "x/1", "x/2", "c/d"]);
});

test("makes quick changes one after the other, and none twice", async () => {
	const { placement, state } = hub();
	await Promise.all([
		placement.place("a/b", "small"),
		placement.place("c/d", "small"),
		placement.place("a/b", "small"),
		placement.remove("c/d"),
	]);
	expect(state.cards).toEqual([card("a/b")]);
});

test("gives up after a few conflicts, and says what was not done", async () => {
	const { placement, state, api } = hub();
	state.meanwhile = Array.from({ length: 9 }, () => () => Object.assign(state, { generation: state.generation + 1 }));
	expect(await placement.place("c/d", "small")).toEqual({ kind: "failed", problem: CONFLICT });
	expect(api.mock.calls.filter(([, init]) => init?.method === "PUT")).toHaveLength(4);
});

test("says when it does not know, but not over what it knew", async () => {
	const { placement, api, states } = hub("a/b");
	const offline = new ApiProblem({ type: problemType("network") });
	api.mockRejectedValueOnce(offline);
	await placement.look();
	expect(states).toEqual([{ kind: "unknown", problem: offline }]);
	await placement.look();
	api.mockRejectedValueOnce(offline);
	await placement.look(true);
	expect(states.at(-1)?.kind).toBe("known");
});
