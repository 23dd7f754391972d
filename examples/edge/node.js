// A function for plain Node.js, as its http server or any that has one calls it: node examples/edge/node.js [PORT]

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { load } from "recurra";
import { service } from "./service.js";

const answer = service(load, await readFile(new URL("model.safetensors", import.meta.url)));

const server = createServer(async (request, response) => {
  const { method = "GET", url = "/" } = request;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
  const answered = await answer(
    new Request(new URL(url, "http://localhost"), { method, ...(body && { body }) }),
  );
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(await answered.text());
});
server.listen(Number(process.argv[2] ?? 8000), () => {
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`Listening on http://localhost:${address.port}/`);
});
