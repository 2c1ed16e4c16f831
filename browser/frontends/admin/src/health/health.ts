/** How the hub and what it stands on are, checked where it enters. */

import { fieldsOf, listOf, oneOf, optionalText, optionalTime, textOf, timeOf } from "@mainhub/sdk";

export const STATES = ["failed", "degraded", "unknown", "fine"] as const;
export type CheckState = (typeof STATES)[number];
export const CRITICALITIES = ["critical", "important", "optional"] as const;
export type Criticality = (typeof CRITICALITIES)[number];

export interface CheckResult {
	readonly name: string;
	readonly title: string;
	readonly kind: string;
	readonly criticality: Criticality;
	readonly state: CheckState;
	readonly since: Date;
	readonly checkedAt: Date | null;
	readonly nextAt: Date | null;
	readonly tookMs: number | null;
	readonly detail: string | null;
	readonly remedy: string | null;
}

export interface Health {
	readonly status: CheckState;
	readonly checks: readonly CheckResult[];
	readonly process: { readonly version: string; readonly startedAt: Date; readonly pid: number } | null;
}

export const HEALTH_PATH = "/healthz";

/** Worst first. */
export function parseHealth(answer: unknown): Health {
	const fields = fieldsOf(answer, "the answer");
	const checks = listOf(fields, "checks").map(parseCheck);
	const process = fields["process"];
	return {
		status: oneOf(fields, "status", STATES, "unknown"),
		checks: [...checks].sort((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state)),
		process: process === null || process === undefined ? null : parseProcess(process),
	};
}

function parseProcess(value: unknown) {
	const fields = fieldsOf(value, "process");
	return { version: textOf(fields, "version"), startedAt: timeOf(fields, "started_at"), pid: Number(fields["pid"]) };
}

function parseCheck(value: unknown): CheckResult {
	const fields = fieldsOf(value, "a check");
	const took = fields["took_ms"];
	return {
		name: textOf(fields, "name"),
		title: textOf(fields, "title"),
		kind: textOf(fields, "kind"),
		criticality: oneOf(fields, "criticality", CRITICALITIES, "optional"),
		state: oneOf(fields, "state", STATES, "unknown"),
		since: timeOf(fields, "since"),
		checkedAt: optionalTime(fields, "checked_at"),
		nextAt: optionalTime(fields, "next_at"),
		tookMs: typeof took === "number" ? took : null,
		detail: optionalText(fields, "detail"),
		remedy: optionalText(fields, "remedy"),
	};
}
