/** The ceiling of a kernel of multiplications and additions: twelve independent sums that never leave their registers. */

/** Floating-point operations in one turn of the loop. */
export const operations: i32 = 12 * 4 * 2;

/** Loaded, because V8 would make a constant again in every turn. */
const FACTOR = memory.data<f32>([0.01, 0.01, 0.01, 0.01], 16);
const TERM = memory.data<f32>([0.001, 0.001, 0.001, 0.001], 16);

export function peak(turns: i32): f32 {
  const m = v128.load(FACTOR);
  const d = v128.load(TERM);
  let a0 = d,
    a1 = d,
    a2 = d,
    a3 = d,
    a4 = d,
    a5 = d,
    a6 = d,
    a7 = d,
    a8 = d,
    a9 = d,
    a10 = d,
    a11 = d;
  for (let turn = 0; turn < turns; turn++) {
    a0 = f32x4.add(f32x4.mul(a0, m), d);
    a1 = f32x4.add(f32x4.mul(a1, m), d);
    a2 = f32x4.add(f32x4.mul(a2, m), d);
    a3 = f32x4.add(f32x4.mul(a3, m), d);
    a4 = f32x4.add(f32x4.mul(a4, m), d);
    a5 = f32x4.add(f32x4.mul(a5, m), d);
    a6 = f32x4.add(f32x4.mul(a6, m), d);
    a7 = f32x4.add(f32x4.mul(a7, m), d);
    a8 = f32x4.add(f32x4.mul(a8, m), d);
    a9 = f32x4.add(f32x4.mul(a9, m), d);
    a10 = f32x4.add(f32x4.mul(a10, m), d);
    a11 = f32x4.add(f32x4.mul(a11, m), d);
  }
  const low = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(a4, a5));
  const high = f32x4.add(f32x4.add(f32x4.add(a6, a7), f32x4.add(a8, a9)), f32x4.add(a10, a11));
  return f32x4.extract_lane(f32x4.add(low, high), 0);
}
