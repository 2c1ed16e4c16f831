/** The states of a circuit breaker. */

/** Worst first. */
export const BREAKER_STATES = ["open", "isolated", "half-open", "disabled", "closed"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Returns the state called *text*; one that is not known here is told as the worst. */
export function knownState(text: string): BreakerState {
	return BREAKER_STATES.find((one) => one === text) ?? "open";
}
