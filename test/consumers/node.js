// In Node.js, as a module.
import { learn } from "./learn.js";

console.log(await learn());
