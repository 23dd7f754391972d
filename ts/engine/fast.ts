/** The kernels with relaxed SIMD, and the test that they must pass. */
export { fast } from "./fast.gen.js";
export { multipliesRight } from "./self-test.js";
