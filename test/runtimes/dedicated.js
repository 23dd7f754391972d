// Runs the probe in a worker of a page.
import { probe } from "./probe.js";

const whole = "/dist/index.js";
postMessage(await probe(await import(whole), { bits: false }));
