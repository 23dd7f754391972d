/** Lane mathematics against float64 over all float32 numbers, at a stride, and where mathematics leaves no doubt. */
import { exp, largest, log, sigmoid, sum, tanh } from "../../assembly/lane";

type Lanes = (x: v128) => v128;
type Exact = (x: f64) => f64;

/** Bit patterns between one sample and the next: odd, so that all low bits take part. */
const STRIDE: u32 = 8191;
const INFINITY_BITS: u32 = 0x7f800000;

const expLanes: Lanes = (x) => exp(x);
const tanhLanes: Lanes = (x) => tanh(x);
const sigmoidLanes: Lanes = (x) => sigmoid(x);
const logLanes: Lanes = (x) => log(x);
const exactExp: Exact = (x) => NativeMath.exp(x);
const exactTanh: Exact = (x) => NativeMath.tanh(x);
const exactSigmoid: Exact = (x) => 1 / (1 + NativeMath.exp(-x));
const exactLog: Exact = (x) => NativeMath.log(x);

/** Four numbers, `STRIDE` bit patterns apart, those past infinity as infinity. */
function samples(bits: u32, sign: u32): v128 {
  let x = i32x4.splat(0);
  x = i32x4.replace_lane(x, 0, sign | min(bits, INFINITY_BITS));
  x = i32x4.replace_lane(x, 1, sign | min(bits + STRIDE, INFINITY_BITS));
  x = i32x4.replace_lane(x, 2, sign | min(bits + 2 * STRIDE, INFINITY_BITS));
  x = i32x4.replace_lane(x, 3, sign | min(bits + 3 * STRIDE, INFINITY_BITS));
  return x;
}

function lane(x: v128, index: u32): f32 {
  if (index == 0) return f32x4.extract_lane(x, 0);
  if (index == 1) return f32x4.extract_lane(x, 1);
  if (index == 2) return f32x4.extract_lane(x, 2);
  return f32x4.extract_lane(x, 3);
}

/** The distance of `actual` from `exact` in units of float32's last place at `exact`. */
function error(actual: f32, exact: f64): f64 {
  if (isNaN(exact)) return isNaN(actual) ? 0 : Infinity;
  if (!isFinite(<f32>exact) || !isFinite(actual)) return actual == <f32>exact ? 0 : Infinity;
  const exponent = <i64>((reinterpret<u64>(exact) >> 52) & 0x7ff) - 1023;
  const unit = reinterpret<f64>(<u64>(max<i64>(exponent, -126) - 23 + 1023) << 52);
  return abs(<f64>actual - exact) / unit;
}

/** The largest error over the numbers of both signs, those below `lowest` left out. */
function largestError(approximate: Lanes, exact: Exact, lowest: f32 = -Infinity): f64 {
  let worst: f64 = 0;
  for (let side: u32 = 0; side < 2; side++) {
    for (let bits: u32 = 0; bits < INFINITY_BITS + STRIDE; bits += 4 * STRIDE) {
      const x = samples(bits, side << 31);
      const y = approximate(x);
      for (let i: u32 = 0; i < 4; i++) {
        if (lane(x, i) >= lowest) worst = max(worst, error(lane(y, i), exact(lane(x, i))));
      }
    }
  }
  return worst;
}

/** How many times a result is below that of the sample before, in ascending order of `sign`'s numbers. */
function decreases(approximate: Lanes, sign: u32): i32 {
  let count = 0;
  let before = lane(approximate(samples(0, sign)), 0);
  for (let bits: u32 = 0; bits < INFINITY_BITS + STRIDE; bits += 4 * STRIDE) {
    const y = approximate(samples(bits, sign));
    for (let i: u32 = 0; i < 4; i++) {
      const now = lane(y, i);
      if (sign ? now > before : now < before) count++;
      before = now;
    }
  }
  return count;
}

function one(approximate: Lanes, x: f32): f32 {
  const y = approximate(f32x4.splat(x));
  for (let i: u32 = 1; i < 4; i++) expect(reinterpret<u32>(lane(y, i))).toBe(reinterpret<u32>(lane(y, 0)), "all lanes alike");
  return lane(y, 0);
}

/** Expects the very bits: the sign of a zero counts. */
function expectBits(actual: f32, expected: f32, what: string): void {
  if (isNaN(expected)) expect(isNaN(actual)).toBe(true, what);
  else expect(reinterpret<u32>(actual)).toBe(reinterpret<u32>(expected), what + ": " + actual.toString());
}

describe("exp", () => {
  test("is within 1 unit in the last place", () => {
    expect(largestError(expLanes, exactExp)).toBeLessThanOrEqual(1);
  });

  test("never decreases", () => {
    expect(decreases(expLanes, 0)).toBe(0);
    expect(decreases(expLanes, 1 << 31)).toBe(0);
  });

  test("gives what mathematics gives at the ends of its range", () => {
    expectBits(one(expLanes, 0), 1, "exp(0)");
    expectBits(one(expLanes, -0.0), 1, "exp(-0)");
    expectBits(one(expLanes, Infinity), Infinity, "exp(infinity)");
    expectBits(one(expLanes, -Infinity), 0, "exp(-infinity)");
    expectBits(one(expLanes, NaN), NaN, "exp(NaN)");
    expectBits(one(expLanes, 89), Infinity, "exp(89)");
    expectBits(one(expLanes, f32.MAX_VALUE), Infinity, "exp of the largest number");
    expectBits(one(expLanes, -104), 0, "exp(-104)");
    expectBits(one(expLanes, -f32.MAX_VALUE), 0, "exp of the lowest number");
    expectBits(one(expLanes, 1e-45), 1, "exp of the smallest number");
  });

  test("underflows gradually", () => {
    expectBits(one(expLanes, -103), reinterpret<f32>(1), "exp(-103)");
    expect(one(expLanes, -88)).toBeGreaterThan(0);
    expect(one(expLanes, -88)).toBeLessThan(f32.MIN_NORMAL_VALUE);
  });

  test("keeps the lanes apart", () => {
    const y = exp(f32x4(NaN, -Infinity, 0, Infinity));
    expectBits(lane(y, 0), NaN, "lane 0");
    expectBits(lane(y, 1), 0, "lane 1");
    expectBits(lane(y, 2), 1, "lane 2");
    expectBits(lane(y, 3), Infinity, "lane 3");
  });
});

describe("tanh", () => {
  test("is within 2.6 units in the last place", () => {
    expect(largestError(tanhLanes, exactTanh)).toBeLessThanOrEqual(2.6);
  });

  test("never decreases", () => {
    expect(decreases(tanhLanes, 0)).toBe(0);
    expect(decreases(tanhLanes, 1 << 31)).toBe(0);
  });

  test("gives what mathematics gives at zero and at the ends", () => {
    expectBits(one(tanhLanes, 0), 0, "tanh(0)");
    expectBits(one(tanhLanes, -0.0), -0.0, "tanh(-0)");
    expectBits(one(tanhLanes, Infinity), 1, "tanh(infinity)");
    expectBits(one(tanhLanes, -Infinity), -1, "tanh(-infinity)");
    expectBits(one(tanhLanes, NaN), NaN, "tanh(NaN)");
    expectBits(one(tanhLanes, f32.MAX_VALUE), 1, "tanh of the largest number");
    expectBits(one(tanhLanes, -f32.MAX_VALUE), -1, "tanh of the lowest number");
    expectBits(one(tanhLanes, 1e-45), 1e-45, "tanh of the smallest number");
    expectBits(one(tanhLanes, -1e-40), -1e-40, "tanh of a subnormal number");
  });

  test("is odd, to the bit", () => {
    let different = 0;
    for (let bits: u32 = STRIDE; bits < INFINITY_BITS; bits += STRIDE << 4) {
      const x = reinterpret<f32>(bits);
      if (one(tanhLanes, -x) != -one(tanhLanes, x)) different++;
    }
    expect(different).toBe(0);
  });
});

describe("sigmoid", () => {
  test("is within 2.4 units in the last place where it is a normal number", () => {
    expect(largestError(sigmoidLanes, exactSigmoid, -87.3)).toBeLessThanOrEqual(2.4);
  });

  test("never decreases", () => {
    expect(decreases(sigmoidLanes, 0)).toBe(0);
    expect(decreases(sigmoidLanes, 1 << 31)).toBe(0);
  });

  test("gives what mathematics gives at zero and at the ends", () => {
    expectBits(one(sigmoidLanes, 0), 0.5, "sigmoid(0)");
    expectBits(one(sigmoidLanes, -0.0), 0.5, "sigmoid(-0)");
    expectBits(one(sigmoidLanes, Infinity), 1, "sigmoid(infinity)");
    expectBits(one(sigmoidLanes, -Infinity), 0, "sigmoid(-infinity)");
    expectBits(one(sigmoidLanes, NaN), NaN, "sigmoid(NaN)");
    expectBits(one(sigmoidLanes, f32.MAX_VALUE), 1, "sigmoid of the largest number");
    expectBits(one(sigmoidLanes, -f32.MAX_VALUE), 0, "sigmoid of the lowest number");
    expectBits(one(sigmoidLanes, -88), 0, "sigmoid(-88)");
    expect(one(sigmoidLanes, -87.3)).toBeGreaterThan(f32.MIN_NORMAL_VALUE);
  });
});

describe("log", () => {
  test("is within 1.7 units in the last place", () => {
    expect(largestError(logLanes, exactLog)).toBeLessThanOrEqual(1.7);
  });

  test("never decreases", () => {
    expect(decreases(logLanes, 0)).toBe(0);
  });

  test("gives what mathematics gives at zero, at one and at the ends", () => {
    expectBits(one(logLanes, 1), 0, "log(1)");
    expectBits(one(logLanes, 0), -Infinity, "log(0)");
    expectBits(one(logLanes, -0.0), -Infinity, "log(-0)");
    expectBits(one(logLanes, Infinity), Infinity, "log(infinity)");
    expectBits(one(logLanes, NaN), NaN, "log(NaN)");
    expectBits(one(logLanes, -1), NaN, "log(-1)");
    expectBits(one(logLanes, -1e-45), NaN, "log of the largest negative number");
    expectBits(one(logLanes, -Infinity), NaN, "log(-infinity)");
    expectBits(one(logLanes, 1e-45), -103.27893, "log of the smallest number");
    expectBits(one(logLanes, f32.MAX_VALUE), 88.72284, "log of the largest number");
  });
});

describe("across lanes", () => {
  test("sum adds pairs first", () => {
    expectBits(sum(f32x4(1, 2, 3, 4)), 10, "sum");
    expectBits(sum(f32x4(1e8, 1, -1e8, 1)), 2, "lanes 0 and 2 first");
    expectBits(sum(f32x4(1, 1e8, 1, -1e8)), 2, "lanes 1 and 3 first");
  });

  test("largest finds the largest wherever it is", () => {
    expectBits(largest(f32x4(4, 1, 2, 3)), 4, "lane 0");
    expectBits(largest(f32x4(1, 4, 2, 3)), 4, "lane 1");
    expectBits(largest(f32x4(1, 2, 4, 3)), 4, "lane 2");
    expectBits(largest(f32x4(1, 2, 3, 4)), 4, "lane 3");
    expectBits(largest(f32x4.splat(-Infinity)), -Infinity, "of negative infinities");
    expectBits(largest(f32x4(-3, -1, -2, -4)), -1, "of negative numbers");
  });
});
