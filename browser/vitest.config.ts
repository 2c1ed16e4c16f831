import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		environment: "happy-dom",
		include: ["{sdk,shell,frontends/*}/src/**/*.test.ts"],
		restoreMocks: true,
	},
});
