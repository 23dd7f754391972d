// A worker for Cloudflare: wrangler finds `recurra` by the condition "workerd". In wrangler.toml:
//   rules = [{ type = "Data", globs = ["**/*.safetensors"] }]

import { load } from "recurra";
import model from "./model.safetensors";
import { service } from "./service.js";

export default { fetch: service(load, new Uint8Array(model)) };
