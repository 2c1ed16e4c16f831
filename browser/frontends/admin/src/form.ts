/** What stands in the field *name* of a form that is sent. */
export function textIn(event: SubmitEvent, name: string): string {
	const value = new FormData(event.target as HTMLFormElement).get(name);
	return typeof value === "string" ? value : "";
}
