// Answers a request with what the probe finds, in Vercel's edge runtime.
import * as recurra from "recurra/edge-light";
import { probe } from "./probe.js";

addEventListener("fetch", (event) => {
  const { request, respondWith } = /** @type {any} */ (event);
  const threads = Number(new URL(request.url).searchParams.get("threads"));
  respondWith.call(
    event,
    probe(recurra, { threads }).then((found) => Response.json(found)),
  );
});
