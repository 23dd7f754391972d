/** exp, decay and log of four lanes, each compiled once: inline, they would be most of the code of the losses. */
import { decay as inlineDecay, exp as inlineExp, log as inlineLog } from "../lane";

export function exp(x: v128): v128 {
  return inlineExp(x);
}

export function decay(x: v128): v128 {
  return inlineDecay(x);
}

export function log(x: v128): v128 {
  return inlineLog(x);
}
