/** Calls the hub and the services behind its gateway, for the front-ends and for the shell. */

import { type Api, type ApiInit, ApiProblem, isRecord, parseProblem, problemType } from "@mainhub/sdk/core";
import { newTraceId, newTraceparent } from "./trace.js";

export interface ApiWorld {
	readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
	readonly origin: string;
	/** The hub knows nobody any more, and a person asked: sign in again, then come back to this page. */
	readonly signInAgain: () => void;
	/** The hub knows nobody any more, and nobody asked: leaving the page would lose what they are writing. */
	readonly sessionEnded: () => void;
	/** The hub has answered this person. */
	readonly sessionLives: () => void;
}

const TIMEOUT_SECONDS = 10;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Returns an `api` whose requests all end when *signal* is aborted. */
export function createApi(world: ApiWorld, signal?: AbortSignal): Api {
	return async (input, init = {}) => {
		const url = ownUrl(input, world.origin);
		const deadline = AbortSignal.timeout((init.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000);
		const leaving = [signal, init.signal].filter((one) => one !== undefined);
		const traceId = newTraceId();
		const request = makeRequest(init, traceId, AbortSignal.any([deadline, ...leaving]));
		try {
			const first = await world.fetch(url, request);
			// Another tab may have signed in while this was under way, and the cookie is new now. What
			// was answered 401 was not carried out, so it may be sent again whatever its method.
			const response = first.status === 401 ? await world.fetch(url, request) : first;
			const answer = await readAnswer(response, traceId);
			world.sessionLives();
			return answer;
		} catch (error) {
			for (const one of leaving) {
				one.throwIfAborted();
			}
			const problem = asProblem(error, deadline.aborted, traceId);
			if (problem.is("not-signed-in")) {
				const tell = init.background === true ? world.sessionEnded : world.signInAgain;
				tell();
			}
			throw problem;
		}
	};
}

/** Refuses what leaves this origin: cookies and trace ids are not for others. */
function ownUrl(input: string, origin: string): string {
	const url = new URL(input, origin);
	if (!input.startsWith("/") || url.origin !== origin) {
		throw new TypeError(`api() takes a path of this origin, not ${input}`);
	}
	return url.pathname + url.search;
}

function makeRequest(init: ApiInit, traceId: string, signal: AbortSignal): RequestInit {
	const method = (init.method ?? "GET").toUpperCase();
	const headers = new Headers(init.headers);
	headers.set("accept", "application/json, application/problem+json");
	headers.set("traceparent", newTraceparent(traceId));
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
		? new ApiProblem({ type: problemType("not-signed-in"), status, traceId })
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
