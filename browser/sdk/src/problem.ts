/** Why a call failed: problem details after RFC 9457, parsed once where they enter the page. */

const PREFIX = "urn:mainhub:problem:";

export interface ProblemFacts {
	/** `urn:mainhub:problem:NAME`; `network` and `timeout` come from the browser itself. */
	readonly type: string;
	readonly title: string;
	/** The HTTP status, 0 when there was no answer. */
	readonly status: number;
	readonly detail: string;
	readonly traceId: string | null;
	readonly remedy: string | null;
	/** When it may be tried again. */
	readonly retryAt: Date | null;
	/** Roles of which one is missing. */
	readonly needs: readonly string[];
	/** Where the person gives one more proof, after which the call may succeed. */
	readonly stepUp: string | null;
}

/** The one error that `api` throws. */
export class ApiProblem extends Error implements ProblemFacts {
	override readonly name = "ApiProblem";
	readonly type: string;
	readonly title: string;
	readonly status: number;
	readonly detail: string;
	readonly traceId: string | null;
	readonly remedy: string | null;
	readonly retryAt: Date | null;
	readonly needs: readonly string[];
	readonly stepUp: string | null;

	constructor(facts: Partial<ProblemFacts> & Pick<ProblemFacts, "type">, cause?: unknown) {
		super(facts.title ?? facts.type, { cause });
		this.type = facts.type;
		this.title = facts.title ?? facts.type;
		this.status = facts.status ?? 0;
		this.detail = facts.detail ?? "";
		this.traceId = facts.traceId ?? null;
		this.remedy = facts.remedy ?? null;
		this.retryAt = facts.retryAt ?? null;
		this.needs = facts.needs ?? [];
		this.stepUp = facts.stepUp ?? null;
	}

	/** Whether this is `urn:mainhub:problem:<name>`. */
	is(name: string): boolean {
		return this.type === PREFIX + name;
	}
}

/** Returns the full type of the problem called *name*. */
export function problemType(name: string): string {
	return PREFIX + name;
}

/** Makes a problem of an answer's parsed body; fields of a wrong type are as absent ones. */
export function parseProblem(status: number, body: unknown, traceId: string | null): ApiProblem {
	const fields = isRecord(body) ? body : {};
	return new ApiProblem({
		type: text(fields["type"]) ?? "about:blank",
		title: text(fields["title"]) ?? `HTTP ${status}`,
		status,
		detail: text(fields["detail"]) ?? "",
		traceId: text(fields["trace_id"]) ?? traceId,
		remedy: text(fields["remedy"]),
		retryAt: instant(fields["retry_at"]),
		needs: texts(fields["needs"]),
		stepUp: fields["type"] === problemType("step-up-needed") ? text(fields["step_up"]) : null,
	});
}

/** Whether *value* is an object whose fields can be asked for. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}

function texts(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function instant(value: unknown): Date | null {
	const date = typeof value === "string" ? new Date(value) : null;
	return date !== null && !Number.isNaN(date.getTime()) ? date : null;
}
