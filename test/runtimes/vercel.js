// Has Vercel's edge runtime answer by the example, whose default export Vercel's own tools call.
import answer from "../../examples/edge/vercel.js";

addEventListener("fetch", (event) => {
  const { request, respondWith } = /** @type {any} */ (event);
  respondWith.call(event, answer(request));
});
