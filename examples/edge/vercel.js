// An edge function for Vercel; the model's bytes are beside it as a module (`model.js`), since functions have no files.

import { load } from "recurra/edge-light";
import model from "./model.safetensors";
import { service } from "./service.js";

export const config = { runtime: "edge" };

export default service(load, new Uint8Array(model));
