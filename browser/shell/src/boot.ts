/** What the server tells the page at its start, checked once. */

import { isRecord, type Locale, type Theme, type User, type WidgetEntry } from "@mainhub/sdk/core";

export interface FrontendEntry {
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>>;
	readonly icon: string;
	readonly order: number;
	readonly routes: readonly string[];
	/** `null`: the registry knows it, but nothing was published for it. */
	readonly url: string | null;
	readonly integrity: string | null;
	readonly widgets: readonly WidgetEntry[];
}

export interface Limits {
	readonly loadSeconds: number;
	readonly mountSeconds: number;
	readonly attempts: number;
	readonly maxLoaded: number;
	readonly unloadAfterSeconds: number;
}

/** The front-end that this person asked for and may not open. */
export interface RefusedFrontend {
	readonly name: string;
	readonly titles: Readonly<Record<Locale, string>>;
	readonly needs: readonly string[];
}

export interface Boot {
	readonly version: string;
	readonly mode: "development" | "production";
	readonly user: User;
	readonly provider: { readonly title: string };
	readonly frontends: readonly FrontendEntry[];
	readonly locale: Locale;
	readonly theme: Theme;
	readonly traceId: string;
	readonly refused: RefusedFrontend | null;
	readonly notFound: boolean;
	/** Whom to ask, as the operator wrote it: a name, an address or a link. */
	readonly support: string | null;
	readonly modules: { readonly fluent: string };
	readonly limits: Limits;
}

/** The boot data is not what this shell understands; the message names the field. */
export class BootInvalid extends Error {
	override readonly name = "BootInvalid";
}

/** Reads the boot data out of the page. */
export function readBoot(page: Document): Boot {
	const text = page.getElementById("mainhub-boot")?.textContent;
	if (text === undefined || text === null) {
		throw new BootInvalid("the page holds no boot data");
	}
	try {
		return parseBoot(JSON.parse(text));
	} catch (error) {
		if (error instanceof SyntaxError) {
			throw new BootInvalid("the boot data is not JSON", { cause: error });
		}
		throw error;
	}
}

/** Checks what `/hub/v1/frontends` answers: the same list, as it is now. */
export function parseFrontends(data: unknown): readonly FrontendEntry[] {
	return new Fields(data, "answer").eachSound("items", parseFrontend).sort(byOrder);
}

/** Checks boot data of unknown shape. */
export function parseBoot(data: unknown): Boot {
	const boot = new Fields(data, "boot");
	const user = boot.fields("user");
	return {
		version: boot.text("version"),
		mode: boot.choice("mode", ["development", "production"]),
		user: Object.freeze({
			id: user.text("id"),
			name: user.text("name"),
			email: user.textOrNull("email"),
			roles: Object.freeze(user.texts("roles")),
			permissions: Object.freeze(boot.isNull("permissions") ? [] : boot.texts("permissions")),
			tenantId: user.textOrNull("tenantId"),
		}),
		provider: { title: boot.fields("provider").text("title") },
		frontends: boot.eachSound("frontends", parseFrontend).sort(byOrder),
		locale: boot.choice("locale", ["fr", "en"]),
		theme: boot.choice("theme", ["light", "dark", "system"]),
		traceId: boot.text("traceId"),
		refused: boot.isNull("refused") ? null : parseRefused(boot.fields("refused")),
		notFound: boot.flag("notFound"),
		support: boot.textOrNull("support"),
		modules: { fluent: boot.fields("modules").text("fluent") },
		limits: parseLimits(boot.fields("limits")),
	};
}

function parseFrontend(entry: Fields): FrontendEntry {
	return {
		name: entry.text("name"),
		titles: parseTitles(entry.fields("titles")),
		icon: entry.text("icon"),
		order: entry.number("order"),
		routes: entry.texts("routes"),
		url: entry.textOrNull("url"),
		integrity: entry.textOrNull("integrity"),
		widgets: entry.isNull("widgets")
			? []
			: entry.eachSound("widgets", (widget) => parseWidget(widget, entry.text("name"))),
	};
}

function parseWidget(widget: Fields, frontend: string): WidgetEntry {
	const name = widget.text("name");
	return {
		id: `${frontend}/${name}`,
		frontend,
		name,
		titles: parseTitles(widget.fields("titles")),
		summaries: parseTitles(widget.fields("summaries")),
		icon: widget.text("icon"),
		size: widget.choice("size", ["small", "medium", "large", "full"]),
	};
}

function parseRefused(refused: Fields): RefusedFrontend {
	return {
		name: refused.text("name"),
		titles: parseTitles(refused.fields("titles")),
		needs: refused.texts("needs"),
	};
}

function parseTitles(titles: Fields): Record<Locale, string> {
	return { fr: titles.text("fr"), en: titles.text("en") };
}

function parseLimits(limits: Fields): Limits {
	return {
		loadSeconds: limits.number("loadSeconds"),
		mountSeconds: limits.number("mountSeconds"),
		attempts: limits.number("attempts"),
		maxLoaded: limits.number("maxLoaded"),
		unloadAfterSeconds: limits.number("unloadAfterSeconds"),
	};
}

function byOrder(one: FrontendEntry, other: FrontendEntry): number {
	return one.order - other.order || (one.name < other.name ? -1 : 1);
}

/** Fields of an object of unknown shape; every refusal names the path of the field. */
class Fields {
	readonly #values: Readonly<Record<string, unknown>>;
	readonly #path: string;

	constructor(value: unknown, path: string) {
		if (!isRecord(value)) {
			throw new BootInvalid(`${path} is not an object`);
		}
		this.#values = value;
		this.#path = path;
	}

	text(name: string): string {
		const value = this.#values[name];
		return typeof value === "string" ? value : this.#refuse(name, "a text");
	}

	textOrNull(name: string): string | null {
		return this.isNull(name) ? null : this.text(name);
	}

	number(name: string): number {
		const value = this.#values[name];
		return typeof value === "number" && Number.isFinite(value) ? value : this.#refuse(name, "a number");
	}

	flag(name: string): boolean {
		const value = this.#values[name];
		return typeof value === "boolean" ? value : this.#refuse(name, "true or false");
	}

	texts(name: string): string[] {
		return this.#items(name).map((item) => {
			return typeof item === "string" ? item : this.#refuse(name, "a list of texts");
		});
	}

	choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
		const value = this.#values[name];
		return choices.find((choice) => choice === value) ?? this.#refuse(name, choices.join(" or "));
	}

	fields(name: string): Fields {
		return new Fields(this.#values[name], `${this.#path}.${name}`);
	}

	/** Leaves out the items that *parse* refuses, and says so: one of them must not stop the others. */
	eachSound<Item>(name: string, parse: (item: Fields) => Item): Item[] {
		return this.#items(name).flatMap((item, index) => {
			try {
				return [parse(new Fields(item, `${this.#path}.${name}[${index}]`))];
			} catch (error) {
				if (!(error instanceof BootInvalid)) {
					throw error;
				}
				const called = isRecord(item) && typeof item["name"] === "string" ? item["name"] : "without a name";
				console.warn(`${name === "widgets" ? "Widget" : "Front-end"} ${called} is left out: ${error.message}.`);
				return [];
			}
		});
	}

	isNull(name: string): boolean {
		return this.#values[name] === null || this.#values[name] === undefined;
	}

	#items(name: string): readonly unknown[] {
		const value = this.#values[name];
		return Array.isArray(value) ? value : this.#refuse(name, "a list");
	}

	#refuse(name: string, wanted: string): never {
		throw new BootInvalid(`${this.#path}.${name} is not ${wanted}`);
	}
}
