/** What takes the place of the test for relaxed SIMD in an entry of the package that must not name kernels with it. */
export const hasRelaxedSimd = (): boolean => false;
