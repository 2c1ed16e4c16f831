/** What a person may do, as pages ask for it. The hub decides anew whenever something is done. */

/** Whether one of *granted* is *permission*, or holds it: `orders:*` holds all that begins with `orders:`. */
export function allows(granted: readonly string[], permission: string): boolean {
	return granted.some((one) => one === permission || (one.endsWith(":*") && permission.startsWith(one.slice(0, -1))));
}
