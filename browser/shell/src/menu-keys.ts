/** Keys of a menu after the ARIA authoring practices. */

/** Moves focus within *menu* by arrows, Home and End; Escape and Tab close it. */
export function moveWithArrows(menu: HTMLElement, event: KeyboardEvent, close: (returnFocus: boolean) => void): void {
	const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
	const { activeElement } = document;
	const at = activeElement instanceof HTMLElement ? items.indexOf(activeElement) : -1;
	const targets: Readonly<Record<string, number>> = {
		ArrowDown: (at + 1) % items.length,
		ArrowUp: (at - 1 + items.length) % items.length,
		Home: 0,
		End: items.length - 1,
	};
	const target = targets[event.key];
	if (event.key === "Escape") {
		event.preventDefault();
		close(true);
	} else if (event.key === "Tab") {
		close(true);
	} else if (target !== undefined) {
		event.preventDefault();
		items[target]?.focus();
	}
}
