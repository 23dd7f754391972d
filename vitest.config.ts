import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { findChromium } from "./scripts/chromium.js";

const include = ["test/**/*.test.ts"];
const testTimeout = 60_000; // a busy machine is no reason to fail

export default defineConfig({
  test: {
    globalSetup: ["test/setup.ts"], // once: projects that extended this would each run it again
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          testTimeout,
          include,
          exclude: ["test/browser/**", "test/everywhere/**"],
        },
      },
      {
        test: {
          name: "everywhere",
          environment: "node",
          include: ["test/everywhere/**/*.test.ts"],
          fileParallelism: false,
        },
      },
      {
        optimizeDeps: { include: ["fast-check", "fflate", "papaparse"] }, // else its discovery reloads the page under the tests
        server: {
          // Shared memory needs an isolated page.
          headers: {
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
          },
        },
        test: {
          name: "chromium",
          testTimeout,
          include,
          exclude: ["test/node/**", "test/everywhere/**"],
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: findChromium() }),
            instances: [{ browser: "chromium" }],
            screenshotFailures: false,
          },
        },
      },
    ],
  },
});
