/** Messages from one front-end of this page to another. */

export type MessageHandler = (message: unknown, from: string) => void;

/** Per front-end, until it listens; older ones are let go. */
const KEPT = 20;

interface Letter {
	readonly message: unknown;
	readonly from: string;
}

export class Mailbox {
	readonly #listeners = new Map<string, Set<MessageHandler>>();
	readonly #kept = new Map<string, Letter[]>();
	readonly #isKnown: (app: string) => boolean;
	readonly #fault: (owner: string, error: unknown) => void;

	/** For front-ends that are not *known* nothing is kept. */
	constructor(isKnown: (app: string) => boolean, fault: (owner: string, error: unknown) => void) {
		this.#isKnown = isKnown;
		this.#fault = fault;
	}

	/** Returns whether *app* has heard it now. */
	send(app: string, message: unknown, from: string): boolean {
		if (!this.#isKnown(app)) {
			console.warn(`Front-end ${from} wrote to ${app}, which this person has not.`);
			return false;
		}
		const letter = { message, from };
		if (this.#hand(app)) {
			this.#deliver(app, letter);
			return true;
		}
		this.#kept.set(app, [...(this.#kept.get(app) ?? []), letter].slice(-KEPT));
		return false;
	}

	/** Hears what is sent to *app*, what was kept first, until *signal* is aborted. */
	listen(app: string, handler: MessageHandler, signal: AbortSignal): () => void {
		if (signal.aborted) {
			return () => {};
		}
		const listeners = this.#listeners.get(app) ?? new Set();
		this.#listeners.set(app, listeners.add(handler));
		const end = () => {
			listeners.delete(handler);
			signal.removeEventListener("abort", end);
		};
		signal.addEventListener("abort", end);
		// Not at once: what this returns must be known before the first message comes.
		queueMicrotask(() => this.#hand(app));
		return end;
	}

	/** Hands over what was kept, and returns whether anybody listens. */
	#hand(app: string): boolean {
		if ((this.#listeners.get(app)?.size ?? 0) === 0) {
			return false;
		}
		const letters = this.#kept.get(app) ?? [];
		this.#kept.delete(app);
		for (const letter of letters) {
			this.#deliver(app, letter);
		}
		return true;
	}

	#deliver(app: string, { message, from }: Letter): void {
		for (const handler of [...(this.#listeners.get(app) ?? [])]) {
			try {
				handler(message, from);
			} catch (error) {
				this.#fault(app, error);
			}
		}
	}
}
