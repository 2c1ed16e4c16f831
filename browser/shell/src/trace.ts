/** Trace ids after W3C Trace Context, by which a request is found again in the hub's logs. */

/** Returns a new trace id, 32 hexadecimal digits. */
export function newTraceId(): string {
	return hexadecimal(16);
}

/** Returns a `traceparent` header for one request within the trace. */
export function newTraceparent(traceId: string): string {
	return `00-${traceId}-${hexadecimal(8)}-01`;
}

function hexadecimal(bytes: number): string {
	const digits = crypto.getRandomValues(new Uint8Array(bytes));
	return Array.from(digits, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
