/** Lets things that change their place glide there, so that the eye can follow. */

const MILLISECONDS = 160;

/** Remembers where *elements* stand; the function returned moves them from there to where they are then. */
export function gliding(elements: readonly HTMLElement[]): () => void {
	const isWanted = !matchMedia("(prefers-reduced-motion: reduce)").matches;
	const before = isWanted ? elements.map((element) => element.getBoundingClientRect()) : [];
	return () => {
		elements.slice(0, before.length).forEach((element, at) => {
			const from = before[at];
			const to = element.getBoundingClientRect();
			const [x, y] = from === undefined ? [0, 0] : [from.left - to.left, from.top - to.top];
			if (x !== 0 || y !== 0) {
				const start = { transform: `translate(${x}px, ${y}px)` };
				element.animate?.([start, { transform: "none" }], { duration: MILLISECONDS, easing: "cubic-bezier(.2,0,0,1)" });
			}
		});
	};
}
