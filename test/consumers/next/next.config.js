/** @type {import("next").NextConfig} */
export default {
  outputFileTracingRoot: new URL("..", import.meta.url).pathname,
  turbopack: { root: new URL("..", import.meta.url).pathname },
  async headers() {
    const isolation = {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    };
    return [
      { source: "/:path*", headers: Object.entries(isolation).map(([key, value]) => ({ key, value })) },
    ];
  },
};
