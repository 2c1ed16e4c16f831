export function access(): unknown;
export function give(wanted: unknown): unknown;
export function take(id: string): boolean;
export function explained(query: URLSearchParams): unknown;
