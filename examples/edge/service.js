// A model behind HTTP, the same in every runtime: rows of measurements in, the next three measurements out.

/**
 * Makes what answers requests. The model is loaded at once, while the host starts, so that the first request need not pay for it.
 *
 * @param {(bytes: Uint8Array) => Promise<import("recurra").Model>} load
 * @param {Uint8Array} bytes The model file, as `train.js` wrote it.
 * @returns {(request: Request) => Promise<Response>}
 */
export function service(load, bytes) {
  const began = performance.now();
  const loading = load(bytes);
  loading.then(
    () => console.log(`loaded in ${since(began)} ms`),
    () => {}, // whoever asks is told
  );
  let requests = 0;
  return async (request) => {
    if (request.method !== "POST")
      return new Response('POST JSON: { "rows": [[8 numbers], ...] }', { status: 405 });
    try {
      const net = await loading;
      const { rows } = await request.json();
      const asked = performance.now();
      const { data } = await net.predict(rows);
      // Cloudflare's clock stands still while a worker computes: there only what surrounds it can tell the time.
      const took = since(asked);
      console.log(`request ${++requests}: ${took} ms`);
      return Response.json(
        { next: Array.from(data) },
        { headers: { "Server-Timing": `predict;dur=${took}` } },
      );
    } catch (error) {
      return Response.json(
        { error: error instanceof Error ? error.message : String(error) },
        { status: 400 },
      );
    }
  };
}

/** @param {number} began */
function since(began) {
  return (performance.now() - began).toFixed(2);
}
