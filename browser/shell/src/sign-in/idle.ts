/** Looks after the end of the session: the person hears of it in time, and one answer counts for all tabs. */

import type { Answer, Standing } from "./standing.js";

export interface IdleWorld {
	readonly ask: () => Promise<Answer>;
	/** Uses the session, which moves its end. */
	readonly use: () => Promise<unknown>;
	/** Shows that the session ends soon, or shows it anew. */
	readonly warn: (standing: Standing) => void;
	/** It does not end soon any more. */
	readonly calm: () => void;
	/** The hub knows nobody. */
	readonly over: () => void;
	/** To the person's other tabs; `undefined` where browsers have none. */
	readonly channel: BroadcastChannel | undefined;
}

/** So long before the end it is told. */
const LEAD_SECONDS = 120;
/** While it is told, another tab or device may go on. */
const CLOSE_LOOK_SECONDS = 5;
/** Until the hub is asked again where it did not answer. */
const PATIENCE_SECONDS = 30;
/** Longer than this no timer is trusted: computers sleep. */
const LONGEST_SECONDS = 600;

export class IdleWatch {
	readonly #world: IdleWorld;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isOver = false;
	/** The most that was ever left: short sessions are told of later. */
	#most = 0;
	#looks = 0;

	constructor(world: IdleWorld) {
		this.#world = world;
		if (world.channel !== undefined) {
			world.channel.onmessage = () => void this.look();
		}
	}

	/** Asks how long the session lasts, and comes back in time. */
	async look(): Promise<void> {
		this.#isOver = false;
		clearTimeout(this.#timer);
		const look = ++this.#looks;
		const answer = await this.#world.ask();
		if (look !== this.#looks) {
			return;
		}
		if (answer === "nobody") {
			this.stop();
			this.#world.over();
		} else if (answer === "unknown") {
			this.#again(PATIENCE_SECONDS);
		} else {
			this.#judge(answer);
		}
	}

	/** The person wants to stay. */
	async stay(): Promise<void> {
		await this.#world.use();
		this.#world.channel?.postMessage("used");
		await this.look();
	}

	/** The session is over, or the page is. */
	stop(): void {
		this.#isOver = true;
		this.#looks++;
		clearTimeout(this.#timer);
		this.#world.calm();
	}

	/** Someone looks at the page: timers may have slept. */
	wake(): void {
		if (!this.#isOver) {
			void this.look();
		}
	}

	#judge(standing: Standing): void {
		const left = (standing.idleEnds - Date.now()) / 1000;
		this.#most = Math.max(this.#most, left);
		const early = left - Math.min(LEAD_SECONDS, this.#most / 2);
		if (early > 0) {
			this.#world.calm();
			this.#again(early);
		} else {
			this.#world.warn(standing);
			this.#again(Math.max(1, Math.min(left, CLOSE_LOOK_SECONDS)));
		}
	}

	#again(seconds: number): void {
		this.#timer = setTimeout(() => void this.look(), Math.min(seconds, LONGEST_SECONDS) * 1000);
	}
}
