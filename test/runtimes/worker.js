// Answers a request with what the probe finds, in Cloudflare's workerd.
import * as recurra from "recurra";
import { probe } from "./probe.js";

export default {
  /** @param {Request} request */
  async fetch(request) {
    const threads = Number(new URL(request.url).searchParams.get("threads"));
    return Response.json(await probe(recurra, { threads }));
  },
};
