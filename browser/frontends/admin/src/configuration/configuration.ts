/** The settings of the running hub and where they come from, checked where they enter. */

import { fieldsOf, listOf, optionalText, textOf } from "@mainhub/sdk";

export interface Setting {
	readonly key: string;
	/** `null`: not set. */
	readonly value: string | null;
	readonly source: string;
	readonly isSecret: boolean;
	readonly isChangeable: boolean;
	readonly changedBy: string | null;
}

export const CONFIGURATION_PATH = "/hub/v1/configuration";
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

export function parseConfiguration(answer: unknown): readonly Setting[] {
	return listOf(fieldsOf(answer, "the answer"), "items").map((item) => {
		const fields = fieldsOf(item, "a setting");
		const value = fields["value"];
		return {
			key: textOf(fields, "key"),
			value: value === null || value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value),
			source: textOf(fields, "source"),
			isSecret: fields["secret"] === true,
			isChangeable: fields["changeable"] === true,
			changedBy: optionalText(fields, "changed_by"),
		};
	});
}
