// A model behind HTTP, the same in every runtime: rows of measurements in, the next three measurements out.

/**
 * Makes what answers requests. The model is loaded when the first request comes, and stays.
 *
 * @param {(bytes: Uint8Array) => Promise<import("recurra").Model>} load
 * @param {Uint8Array} bytes The model file, as `train.js` wrote it.
 * @returns {(request: Request) => Promise<Response>}
 */
export function service(load, bytes) {
  /** @type {Promise<import("recurra").Model> | undefined} */
  let model;
  return async (request) => {
    if (request.method !== "POST")
      return new Response('POST JSON: { "rows": [[8 numbers], ...] }', { status: 405 });
    const began = performance.now();
    const cold = model === undefined;
    model ??= load(bytes);
    const net = await model;
    const loaded = performance.now();
    try {
      const { rows } = await request.json();
      const { data } = await net.predict(rows);
      const took = (/** @type {number} */ from, /** @type {number} */ to) => (to - from).toFixed(2);
      // Cloudflare's clock stands still while a worker computes: there only what surrounds it can tell the time.
      const timing = `load;dur=${took(began, loaded)}, predict;dur=${took(loaded, performance.now())}`;
      console.log(`${cold ? "first request" : "request"}: ${timing}`);
      return Response.json({ next: Array.from(data) }, { headers: { "Server-Timing": timing } });
    } catch (error) {
      return Response.json(
        { error: error instanceof Error ? error.message : String(error) },
        { status: 400 },
      );
    }
  };
}
