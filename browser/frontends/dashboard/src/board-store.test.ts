import { type Api, ApiProblem, problemType } from "@mainhub/sdk";
import { describe, expect, test, vi } from "vitest";
import { type Arrangement, type Cards, move, parseDashboard, remove, sameCards } from "./board.js";
import { type BoardState, BoardStore, type Change, type Ready } from "./board-store.js";
import { chance } from "./testing.js";

const CARDS: Cards = [
	{ widget: "dashboard/orders", size: "large" },
	{ widget: "dashboard/person", size: "small" },
	{ widget: "widgets/service-health", size: "medium" },
];
const OFFLINE = new ApiProblem({ type: problemType("network") });
const CONFLICT = new ApiProblem({ type: problemType("conflict"), status: 409 });
const MOVED: Change = { kind: "moved", widget: "dashboard/orders", place: 3 };
const OTHER = move(CARDS, "dashboard/orders", 2);

/** A hub that keeps a dashboard, and fails when told to. */
function hub(kept: Arrangement = { generation: 0, cards: CARDS }) {
	const state = { kept, failing: [] as (ApiProblem | null)[], isLost: false };
	const api = vi.fn<Api>(async (_path, init) => {
		const failure = state.failing.shift() ?? null;
		if (failure !== null) {
			throw failure;
		}
		if (init?.method === "DELETE") {
			state.kept = { generation: 0, cards: CARDS };
		} else if (init?.method === "PUT") {
			const wanted = parseDashboard(init.body);
			if (wanted.generation !== state.kept.generation) {
				throw CONFLICT;
			}
			state.kept = { generation: wanted.generation + 1, cards: wanted.cards };
			if (state.isLost) {
				state.isLost = false;
				throw OFFLINE;
			}
		}
		return structuredClone(state.kept);
	});
	return { state, api };
}

async function opened(api: Api, left: Arrangement | null = null) {
	const leave = new AbortController();
	const states: BoardState[] = [];
	const tell = vi.fn();
	const store = new BoardStore({ api, signal: leave.signal, tell }, (state) => states.push(state));
	await store.load(left);
	return { store, leave, states, tell, last: () => states.at(-1) as Ready };
}

describe("BoardStore", () => {
	test("shows a change at once, and saves it", async () => {
		const { state, api } = hub();
		const { store, last, tell } = await opened(api);
		expect(last()).toMatchObject({ kind: "ready", isDefault: true, canUndo: false });
		const saving = store.change(OTHER, MOVED);
		expect(last()).toMatchObject({ cards: OTHER, saving: { kind: "saving" } });
		await saving;
		expect(state.kept).toEqual({ generation: 1, cards: OTHER });
		expect(last()).toMatchObject({ saving: { kind: "saved" }, canUndo: true, isDefault: false });
		expect(tell).toHaveBeenCalledOnce();
	});

	test("sends nothing when nothing is changed", async () => {
		const { api } = hub();
		const { store } = await opened(api);
		await store.change([...CARDS], MOVED);
		expect(api).toHaveBeenCalledTimes(1);
	});

	test("takes changes back, one after the other", async () => {
		const { state, api } = hub();
		const { store, last } = await opened(api);
		await store.change(OTHER, MOVED);
		await store.change(remove(OTHER, "dashboard/person"), { kind: "removed", widget: "dashboard/person" });
		await store.undo();
		expect(last()).toMatchObject({ cards: OTHER, notice: { kind: "undone" }, canUndo: true });
		await store.undo();
		expect(last()).toMatchObject({ cards: CARDS, canUndo: false });
		expect(state.kept).toEqual({ generation: 4, cards: CARDS });
	});

	test("saves one after the other what is changed quickly", async () => {
		const { state, api } = hub();
		const { store } = await opened(api);
		const last = remove(OTHER, "dashboard/orders");
		await Promise.all([
			store.change(OTHER, MOVED),
			store.change(last, { kind: "removed", widget: "dashboard/orders" }),
		]);
		expect(state.kept).toEqual({ generation: 2, cards: last });
	});

	test("keeps on the screen what could not be saved, and saves it when asked again", async () => {
		const { state, api } = hub();
		const { store, last } = await opened(api);
		state.failing = [OFFLINE];
		await store.change(OTHER, MOVED);
		expect(last()).toMatchObject({ cards: OTHER, saving: { kind: "unsaved", problem: OFFLINE } });
		expect(store.unsaved).toEqual({ generation: 0, cards: OTHER });
		await store.retry();
		expect(last()).toMatchObject({ cards: OTHER, saving: { kind: "saved" } });
		expect(store.unsaved).toBeNull();
		expect(state.kept.cards).toEqual(OTHER);
	});

	test("shows what another page saved first, and can still put its own back", async () => {
		const { state, api } = hub();
		const { store, last } = await opened(api);
		const theirs = remove(CARDS, "dashboard/person");
		state.kept = { generation: 5, cards: theirs };
		await store.change(OTHER, MOVED);
		expect(last()).toMatchObject({ cards: theirs, saving: { kind: "saved" }, notice: { kind: "theirs", mine: OTHER } });
		await store.useMine();
		expect(state.kept).toEqual({ generation: 6, cards: OTHER });
	});

	test("does not take a save whose answer was lost for somebody else's", async () => {
		const { state, api } = hub();
		const { store, last } = await opened(api);
		state.isLost = true;
		await store.change(OTHER, MOVED);
		expect(last().saving.kind).toBe("unsaved");
		await store.retry();
		expect(last()).toMatchObject({ cards: OTHER, saving: { kind: "saved" }, notice: { kind: "changed" } });
		expect(state.kept).toEqual({ generation: 1, cards: OTHER });
	});

	test("goes back to the default, asks again for that when it failed, and can be taken back", async () => {
		const { state, api } = hub({ generation: 4, cards: OTHER });
		const { store, last } = await opened(api);
		state.failing = [OFFLINE];
		await store.reset();
		expect(last()).toMatchObject({ cards: OTHER, saving: { kind: "unsaved" } });
		await store.retry();
		expect(last()).toMatchObject({ cards: CARDS, isDefault: true, saving: { kind: "saved" } });
		await store.undo();
		expect(state.kept).toEqual({ generation: 1, cards: OTHER });
	});

	test("saves when the person is back what could not be saved when they left", async () => {
		const { state, api } = hub({ generation: 2, cards: CARDS });
		await opened(api, { generation: 2, cards: OTHER });
		expect(state.kept).toEqual({ generation: 3, cards: OTHER });
		const { last } = await opened(api, { generation: 2, cards: CARDS });
		expect(last()).toMatchObject({ cards: OTHER, notice: { kind: "theirs", mine: CARDS } });
	});

	test("follows another page, in the background, but never over what is not saved", async () => {
		const { state, api } = hub();
		const { store, last } = await opened(api);
		state.kept = { generation: 1, cards: OTHER };
		await store.look();
		expect(api.mock.lastCall?.[1]).toMatchObject({ background: true });
		expect(last()).toMatchObject({ cards: OTHER, notice: { kind: "news" } });
		state.failing = [OFFLINE];
		await store.change(CARDS, MOVED);
		state.kept = { generation: 7, cards: [] };
		api.mockClear();
		await store.look();
		expect(api).not.toHaveBeenCalled();
		expect(last().cards).toEqual(CARDS);
	});

	test("says why there is no dashboard, and comes back", async () => {
		const { state, api } = hub();
		state.failing = [OFFLINE];
		const { store, states } = await opened(api);
		expect(states.at(-1)).toEqual({ kind: "failed", problem: OFFLINE, isTrying: false });
		await store.reload(OFFLINE);
		expect(states.map((state) => state.kind)).toEqual(["loading", "failed", "failed", "ready"]);
	});

	test("stays quiet once the person has left", async () => {
		const { state, api } = hub();
		const { store, leave, states } = await opened(api);
		state.failing = [OFFLINE];
		leave.abort();
		const saved = store.change(OTHER, MOVED);
		const count = states.length;
		await saved;
		expect(states).toHaveLength(count);
		expect(store.unsaved?.cards).toEqual(OTHER);
	});

	test("ends with the hub having what the screen shows, whatever failed on the way", async () => {
		for (let seed = 1; seed <= 60; seed++) {
			const next = chance(seed);
			const pick = (below: number) => Math.floor(next() * below);
			const { state, api } = hub();
			const { store, last } = await opened(api);
			for (let turn = 0; turn < 12; turn++) {
				state.failing = pick(3) === 0 ? [OFFLINE] : [];
				if (pick(6) === 0) {
					state.kept = {
						generation: state.kept.generation + 1,
						cards: move(state.kept.cards, "dashboard/person", pick(3)),
					};
				}
				const widget = CARDS[pick(3)]?.widget ?? "";
				const acts = [
					() => store.change(move(last().cards, widget, pick(3)), MOVED),
					() => store.undo(),
					() => store.retry(),
					() => store.look(),
					() => store.useMine(),
				];
				await acts[pick(acts.length)]?.();
			}
			state.failing = [];
			await store.retry();
			await store.look();
			expect(last().saving.kind).toBe("saved");
			expect(sameCards(last().cards, state.kept.cards)).toBe(true);
		}
	});
});
