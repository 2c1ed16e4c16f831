import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IdleWatch, type IdleWorld } from "./idle.js";
import type { Answer } from "./standing.js";

const PERSON = "person-1";

function watch() {
	let idleEnds = Date.now() + 1800_000;
	let answer: Answer | null = null;
	const world = {
		ask: vi.fn(async () => answer ?? { person: PERSON, idleEnds, ends: Date.now() + 12 * 3600_000 }),
		use: vi.fn(async () => {
			idleEnds = Date.now() + 1800_000;
		}),
		warn: vi.fn(),
		calm: vi.fn(),
		over: vi.fn(),
		channel: { onmessage: null, postMessage: vi.fn() } as unknown as BroadcastChannel,
	} satisfies IdleWorld;
	const say = (next: Answer | null) => {
		answer = next;
	};
	return { world, idle: new IdleWatch(world), say, moveEnd: (to: number) => (idleEnds = to) };
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

test("warns two minutes before the end, and not before", async () => {
	const { world, idle } = watch();
	await idle.look();
	await seconds(1800 - 125);
	expect(world.warn).not.toHaveBeenCalled();
	await seconds(10);
	expect(world.warn).toHaveBeenCalled();
});

test("says nothing while the person works: the end has moved", async () => {
	const { world, idle, moveEnd } = watch();
	await idle.look();
	await seconds(1000);
	moveEnd(Date.now() + 1800_000);
	await seconds(1000);
	expect(world.warn).not.toHaveBeenCalled();
});

test("tells of a short session half way to its end", async () => {
	const { world, idle, moveEnd } = watch();
	moveEnd(Date.now() + 60_000);
	await idle.look();
	await seconds(28);
	expect(world.warn).not.toHaveBeenCalled();
	await seconds(4);
	expect(world.warn).toHaveBeenCalled();
});

test("is calm again once the person stays, and tells the other tabs", async () => {
	const { world, idle } = watch();
	await idle.look();
	await seconds(1700);
	world.calm.mockClear();
	await idle.stay();
	expect(world.use).toHaveBeenCalledOnce();
	expect(world.calm).toHaveBeenCalled();
	expect(world.channel.postMessage).toHaveBeenCalledOnce();
});

test("follows the tab in which the person stays", async () => {
	const { world, idle, moveEnd } = watch();
	await idle.look();
	await seconds(1700);
	world.calm.mockClear();
	moveEnd(Date.now() + 1800_000);
	world.channel.onmessage?.call(world.channel, new MessageEvent("message", { data: "used" }));
	await seconds(0);
	expect(world.calm).toHaveBeenCalled();
});

test("notices by itself that the person goes on elsewhere", async () => {
	const { world, idle, moveEnd } = watch();
	await idle.look();
	await seconds(1700);
	world.calm.mockClear();
	moveEnd(Date.now() + 1800_000);
	await seconds(6);
	expect(world.calm).toHaveBeenCalled();
});

test("says when nobody is signed in any more, once", async () => {
	const { world, idle, say } = watch();
	await idle.look();
	say("nobody");
	await seconds(3600);
	expect(world.over).toHaveBeenCalledOnce();
});

test("asks again where the hub does not answer", async () => {
	const { world, idle, say } = watch();
	say("unknown");
	await idle.look();
	say(null);
	await seconds(31);
	expect(world.ask).toHaveBeenCalledTimes(2);
	await seconds(1700);
	expect(world.warn).toHaveBeenCalled();
});

test("is silent once it is stopped", async () => {
	const { world, idle } = watch();
	await idle.look();
	idle.stop();
	await seconds(3600);
	idle.wake();
	await seconds(3600);
	expect(world.warn).not.toHaveBeenCalled();
	expect(world.ask).toHaveBeenCalledOnce();
});
