/** What tables need of which a step touches a few rows. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { touchRows, putRows } from "../touched";
export const arena: usize = __heap_base;
