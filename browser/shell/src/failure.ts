/** What can go wrong between asking for a front-end and seeing it. */

export type FailureKind =
	/** No answer: the network, a name, a refused connection. */
	| "network"
	/** The whole file did not arrive in time. */
	| "timeout"
	/** The server answered 408, 429 or 5xx. */
	| "server"
	/** The server says there is no such file, or, without a status, none was published. */
	| "missing"
	/** Any other status that is no success. */
	| "status"
	/** The file is not the published one. */
	| "integrity"
	/** The module threw while it was evaluated, or is not JavaScript. */
	| "evaluation"
	/** The module arrived but never finished being evaluated. */
	| "stuck"
	/** The module exports no `mount`. */
	| "contract"
	/** A widget that the person's front-ends do not have, or no longer. */
	| "not-open"
	/** `bootstrap` or `mount` threw. */
	| "mount"
	/** `bootstrap` or `mount` did not settle in time. */
	| "mount-timeout";

const TRANSIENT: ReadonlySet<FailureKind> = new Set(["network", "server"]);

export class FrontendFailure extends Error {
	override readonly name = "FrontendFailure";
	readonly kind: FailureKind;
	/** The HTTP status, where there was one. */
	readonly status: number | null;
	/** How long the server asked to wait, in seconds. */
	readonly retryAfter: number | null;

	constructor(kind: FailureKind, facts: { status?: number; retryAfter?: number | null; cause?: unknown } = {}) {
		super(facts.status === undefined ? kind : `${kind} ${facts.status}`, { cause: facts.cause });
		this.kind = kind;
		this.status = facts.status ?? null;
		this.retryAfter = facts.retryAfter ?? null;
	}

	/** Whether the same request may well succeed a moment later. */
	get isTransient(): boolean {
		return TRANSIENT.has(this.kind);
	}
}

/** One thing that was tried, for the person who wants to know what happened. */
export interface Step {
	readonly at: Date;
	readonly phase: "load" | "mount";
	/** `null`: it went well. */
	readonly failure: FrontendFailure | null;
	readonly seconds: number;
}
