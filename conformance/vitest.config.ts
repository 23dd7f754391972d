import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "conformance",
    environment: "node",
    root: new URL("..", import.meta.url).pathname,
    include: ["conformance/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
