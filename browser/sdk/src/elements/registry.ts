/**
 * Defines the element *tag* unless it is defined: a module that is evaluated again after a failure,
 * or a second copy of it, finds the first one there, and an element cannot be defined twice.
 */
export function defineElement(tag: string, element: CustomElementConstructor): void {
	if (customElements.get(tag) === undefined) {
		customElements.define(tag, element);
	}
}
