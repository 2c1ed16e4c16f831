/** A style sheet as text, to be made a constructed sheet: the page takes no other that is not its own. */
declare module "*.css?inline" {
	const text: string;
	// biome-ignore lint/style/noDefaultExport: this is how the bundler gives it.
	export default text;
}
