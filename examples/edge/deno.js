// A server for Deno: deno run --allow-net --allow-read examples/edge/deno.js [PORT]

import { load } from "recurra";
import { service } from "./service.js";

const bytes = await Deno.readFile(new URL("model.safetensors", import.meta.url));
const onListen = (/** @type {{ port: number }} */ { port }) =>
  console.log(`Listening on http://localhost:${port}/`);
Deno.serve({ port: Number(Deno.args[0] ?? 8000), onListen }, service(load, bytes));
