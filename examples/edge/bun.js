// A server for Bun: bun examples/edge/bun.js [PORT]

import { load } from "recurra";
import { service } from "./service.js";

const bytes = await Bun.file(new URL("model.safetensors", import.meta.url)).bytes();
const { url } = Bun.serve({ port: Number(process.argv[2] ?? 8000), fetch: service(load, bytes) });
console.log(`Listening on ${url}`);
