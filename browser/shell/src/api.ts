/** Calls the hub and the services behind its gateway, for the front-ends and for the shell. */

import { type Api, type ApiInit, ApiProblem, isRecord, parseProblem, problemType } from "@mainhub/sdk/core";
import { newTraceId, newTraceparent } from "./trace.js";

export interface ApiWorld {
	readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
	readonly origin: string;
	/** The hub wants the person: signed in, or with one more proof. Resolves to whether they gave it. */
	readonly wanted: (problem: ApiProblem, call: WantedCall) => Promise<boolean>;
	/** The hub has answered this person. */
	readonly sessionLives: () => void;
}

/** The call that the hub refused until the person has done something. */
export interface WantedCall {
	/** Nobody asked for it: leaving the page would lose what they are writing. */
	readonly background: boolean;
	/** It is sent once more afterwards; else that is for the person to do. */
	readonly isRepeated: boolean;
	/** Aborted when nobody waits for it any more. */
	readonly signal: AbortSignal;
}

const TIMEOUT_SECONDS = 10;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const UNKNOWN = "not-signed-in";

/** Returns the `api` of *frontend*, whose requests all end when *signal* is aborted. */
export function createApi(world: ApiWorld, frontend = "", signal?: AbortSignal): Api {
	return async (input, init = {}) => {
		const url = ownUrl(input, world.origin);
		const leaving = AbortSignal.any([signal, init.signal].filter((one) => one !== undefined));
		const call = () => send(world, url, init, frontend, leaving);
		try {
			return await call();
		} catch (error) {
			if (!(error instanceof ApiProblem) || !(error.is(UNKNOWN) || error.stepUp !== null)) {
				throw error;
			}
			const isRepeated = init.repeat ?? SAFE.has(methodOf(init));
			const background = init.background === true;
			if ((await world.wanted(error, { background, isRepeated, signal: leaving })) && isRepeated) {
				return await call();
			}
			leaving.throwIfAborted();
			throw error;
		}
	};
}

async function send(
	world: ApiWorld,
	url: string,
	init: ApiInit,
	frontend: string,
	leaving: AbortSignal,
): Promise<unknown> {
	const deadline = AbortSignal.timeout((init.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000);
	const traceId = newTraceId();
	const request = makeRequest(init, traceId, frontend, AbortSignal.any([deadline, leaving]));
	const ask = async () => readAnswer(await world.fetch(url, request), traceId);
	try {
		const answer = await ask().catch((error: unknown) => {
			// Another tab may have signed in while this was under way, and the cookie is new now. What
			// was answered 401 was not carried out, so it may be sent again whatever its method.
			if (error instanceof ApiProblem && error.is(UNKNOWN)) {
				return ask();
			}
			throw error;
		});
		world.sessionLives();
		return answer;
	} catch (error) {
		leaving.throwIfAborted();
		throw asProblem(error, deadline.aborted, traceId);
	}
}

/** Refuses what leaves this origin: cookies and trace ids are not for others. */
function ownUrl(input: string, origin: string): string {
	const url = new URL(input, origin);
	if (!input.startsWith("/") || url.origin !== origin) {
		throw new TypeError(`api() takes a path of this origin, not ${input}`);
	}
	return url.pathname + url.search;
}

const methodOf = (init: ApiInit) => (init.method ?? "GET").toUpperCase();

function makeRequest(init: ApiInit, traceId: string, frontend: string, signal: AbortSignal): RequestInit {
	const method = methodOf(init);
	const headers = new Headers(init.headers);
	headers.set("accept", "application/json, application/problem+json");
	headers.set("traceparent", newTraceparent(traceId));
	if (frontend !== "") {
		headers.set("x-mainhub-frontend", frontend);
	}
	if (init.background === true) {
		headers.set("x-mainhub-background", "1");
	}
	if (!SAFE.has(method)) {
		headers.set("x-mainhub-csrf", "1");
	}
	const request: RequestInit = { method, headers, signal, credentials: "same-origin", cache: "no-store" };
	if (init.body !== undefined) {
		headers.set("content-type", "application/json");
		request.body = JSON.stringify(init.body);
	}
	return request;
}

async function readAnswer(response: Response, traceId: string): Promise<unknown> {
	const text = await response.text();
	const body = parseJson(text);
	if (!response.ok) {
		throw withType(response.status, body, traceId);
	}
	if (body === undefined) {
		throw new ApiProblem({
			type: problemType("unreadable"),
			title: "The answer is not JSON",
			status: response.status,
			traceId,
		});
	}
	return body;
}

/** A 401 means the same even from a proxy that knows no problem details. */
function withType(status: number, body: unknown, traceId: string): ApiProblem {
	const isNamed = isRecord(body) && typeof body["type"] === "string";
	return status === 401 && !isNamed
		? new ApiProblem({ type: problemType(UNKNOWN), status, traceId })
		: parseProblem(status, body, traceId);
}

/** Returns the parsed *text*, `null` when it is empty, `undefined` when it is no JSON. */
function parseJson(text: string): unknown {
	if (text.trim() === "") {
		return null;
	}
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function asProblem(error: unknown, isLate: boolean, traceId: string): ApiProblem {
	if (error instanceof ApiProblem) {
		return error;
	}
	const facts = isLate
		? { type: problemType("timeout"), title: "No answer in time" }
		: { type: problemType("network"), title: "The hub could not be reached" };
	return new ApiProblem({ ...facts, traceId }, error);
}
