/** Resolves after *seconds*; rejects with the signal's reason as soon as it is aborted. */
export function wait(seconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		if (signal.aborted) {
			reject(signal.reason);
			return;
		}
		const stop = () => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener("abort", stop);
			resolve();
		}, seconds * 1000);
		signal.addEventListener("abort", stop, { once: true });
	});
}
