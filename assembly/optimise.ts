/**
 * Optimisers over one flat range of parameters: value, gradient and what the optimiser keeps, each [count], count a multiple
 * of 4. In all of them g = scale gradient + decay p, where scale is the factor of clipping and decay an L2 penalty, and
 * p' = shrink p - ..., where shrink = 1 - rate x decoupled weight decay. A gradient of 0 leaves a p of 0: padding stays zero.
 */

// @ts-ignore: decorator
@inline
function penalised(gradient: usize, p: v128, scale: f32, decay: f32): v128 {
  return f32x4.add(f32x4.mul(v128.load(gradient), f32x4.splat(scale)), f32x4.mul(p, f32x4.splat(decay)));
}

/** keep a + take b */
// @ts-ignore: decorator
@inline
function blend(a: v128, keep: f32, b: v128, take: f32): v128 {
  return f32x4.add(f32x4.mul(a, f32x4.splat(keep)), f32x4.mul(b, f32x4.splat(take)));
}

/**
 * v = momentum v + take g     p = p - rate v, or with Nesterov's look-ahead p - rate (g + momentum v)
 * (Sutskever et al. 2013 in PyTorch's form). take: 1 - dampening, in the first step 1. No `velocity`: p = p - rate g.
 */
export function sgd(
  value: usize, gradient: usize, velocity: usize, count: u32,
  scale: f32, rate: f32, momentum: f32, take: f32, nesterov: u32, decay: f32,
): void {
  const end = value + (<usize>count << 2);
  while (value < end) {
    const p = v128.load(value);
    const g = penalised(gradient, p, scale, decay);
    let move = g;
    if (velocity) {
      const v = blend(v128.load(velocity), momentum, g, take);
      v128.store(velocity, v);
      velocity += 16;
      move = nesterov ? blend(v, momentum, g, 1) : v;
    }
    v128.store(value, f32x4.sub(p, f32x4.mul(move, f32x4.splat(rate))));
    value += 16;
    gradient += 16;
  }
}

/**
 * m = b1 m + (1 - b1) g     v = b2 v + (1 - b2) g²     w = max(w, v), or v if there is no `greatest`
 * p = shrink p - (rate m + gradientRate g) / (sqrt(w) root + epsilon)
 * Adam (Kingma & Ba 2015) with `rate` = learning rate / (1 - b1^t), `gradientRate` = 0 and `root` = 1 / sqrt(1 - b2^t); with a
 * `greatest` its AMSGrad (Reddi, Kale & Kumar 2018). The host's choice of rates, root and epsilon makes NAdam and RAdam of it.
 */
export function adam(
  value: usize, gradient: usize, first: usize, second: usize, greatest: usize, count: u32,
  scale: f32, rate: f32, gradientRate: f32, beta1: f64, beta2: f64, root: f32, epsilon: f32, decay: f32, shrink: f32,
): void {
  const end = value + (<usize>count << 2);
  while (value < end) {
    const p = v128.load(value);
    const g = penalised(gradient, p, scale, decay);
    const m = blend(v128.load(first), <f32>beta1, g, <f32>(1 - beta1));
    let v = blend(v128.load(second), <f32>beta2, f32x4.mul(g, g), <f32>(1 - beta2));
    v128.store(first, m);
    v128.store(second, v);
    if (greatest) {
      v = f32x4.max(v128.load(greatest), v);
      v128.store(greatest, v);
      greatest += 16;
    }
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(epsilon));
    const move = f32x4.div(blend(m, rate, g, gradientRate), divisor);
    v128.store(value, f32x4.sub(f32x4.mul(p, f32x4.splat(shrink)), move));
    value += 16;
    gradient += 16;
    first += 16;
    second += 16;
  }
}

/**
 * m = b1 m + (1 - b1) g     u = max(b2 u, |g| + epsilon)     p = p - rate m / u
 * Adamax (Kingma & Ba 2015, algorithm 2, in PyTorch's form) with `rate` = learning rate / (1 - b1^t).
 */
export function adamax(
  value: usize, gradient: usize, first: usize, greatest: usize, count: u32,
  scale: f32, rate: f32, beta1: f64, beta2: f32, epsilon: f32, decay: f32,
): void {
  const end = value + (<usize>count << 2);
  while (value < end) {
    const p = v128.load(value);
    const g = penalised(gradient, p, scale, decay);
    const m = blend(v128.load(first), <f32>beta1, g, <f32>(1 - beta1));
    const u = f32x4.max(
      f32x4.mul(v128.load(greatest), f32x4.splat(beta2)), f32x4.add(f32x4.abs(g), f32x4.splat(epsilon)),
    );
    v128.store(first, m);
    v128.store(greatest, u);
    v128.store(value, f32x4.sub(p, f32x4.mul(f32x4.div(m, u), f32x4.splat(rate))));
    value += 16;
    gradient += 16;
    first += 16;
    greatest += 16;
  }
}

/**
 * s = keep s + take g²     a = keep a + take g, if there is a `mean`     d = sqrt(s - a²) + epsilon, or sqrt(s) + epsilon
 * b = momentum b + g / d, or g / d if there is no `velocity`     p = p - rate b
 * RMSprop (Tieleman & Hinton 2012; centred: Graves 2013), take = 1 - keep; Adagrad (Duchi, Hazan & Singer 2011), keep and take 1.
 */
export function rmsprop(
  value: usize, gradient: usize, square: usize, velocity: usize, mean: usize, count: u32,
  scale: f32, rate: f32, keep: f64, take: f64, momentum: f32, epsilon: f32, decay: f32,
): void {
  const end = value + (<usize>count << 2);
  while (value < end) {
    const p = v128.load(value);
    const g = penalised(gradient, p, scale, decay);
    let s = blend(v128.load(square), <f32>keep, f32x4.mul(g, g), <f32>take);
    v128.store(square, s);
    if (mean) {
      const a = blend(v128.load(mean), <f32>keep, g, <f32>take);
      v128.store(mean, a);
      // Rounding may take the variance of what hardly changes below zero.
      s = f32x4.max(f32x4.sub(s, f32x4.mul(a, a)), f32x4.splat(0));
      mean += 16;
    }
    let b = f32x4.div(g, f32x4.add(f32x4.sqrt(s), f32x4.splat(epsilon)));
    if (velocity) {
      b = f32x4.add(f32x4.mul(v128.load(velocity), f32x4.splat(momentum)), b);
      v128.store(velocity, b);
      velocity += 16;
    }
    v128.store(value, f32x4.sub(p, f32x4.mul(b, f32x4.splat(rate))));
    value += 16;
    gradient += 16;
    square += 16;
  }
}

/**
 * s = keep s + (1 - keep) g²     d = sqrt(u + epsilon) / sqrt(s + epsilon) g     u = keep u + (1 - keep) d²     p = p - rate d
 * Adadelta (Zeiler 2012). square: s; update: u.
 */
export function adadelta(
  value: usize, gradient: usize, square: usize, update: usize, count: u32,
  scale: f32, rate: f32, keep: f64, epsilon: f32, decay: f32,
): void {
  const end = value + (<usize>count << 2);
  const small = f32x4.splat(epsilon);
  while (value < end) {
    const p = v128.load(value);
    const g = penalised(gradient, p, scale, decay);
    const s = blend(v128.load(square), <f32>keep, f32x4.mul(g, g), <f32>(1 - keep));
    const u = v128.load(update);
    const d = f32x4.mul(f32x4.div(f32x4.sqrt(f32x4.add(u, small)), f32x4.sqrt(f32x4.add(s, small))), g);
    v128.store(square, s);
    v128.store(update, blend(u, <f32>keep, f32x4.mul(d, d), <f32>(1 - keep)));
    v128.store(value, f32x4.sub(p, f32x4.mul(d, f32x4.splat(rate))));
    value += 16;
    gradient += 16;
    square += 16;
    update += 16;
  }
}

/**
 * p = shrink p - rate sign(b1 m + (1 - b1) g)     m = b2 m + (1 - b2) g, where sign(0) = 0 and sign(NaN) = NaN
 * Lion (Chen et al. 2023, algorithm 2).
 */
export function lion(
  value: usize, gradient: usize, momentum: usize, count: u32,
  scale: f32, rate: f32, beta1: f64, beta2: f64, shrink: f32,
): void {
  const end = value + (<usize>count << 2);
  while (value < end) {
    const g = f32x4.mul(v128.load(gradient), f32x4.splat(scale));
    const m = v128.load(momentum);
    const c = blend(m, <f32>beta1, g, <f32>(1 - beta1));
    const one = v128.or(v128.and(c, i32x4.splat(0x80000000)), f32x4.splat(1));
    const sign = v128.bitselect(one, c, f32x4.gt(f32x4.abs(c), f32x4.splat(0)));
    v128.store(momentum, blend(m, <f32>beta2, g, <f32>(1 - beta2)));
    v128.store(
      value, f32x4.sub(f32x4.mul(v128.load(value), f32x4.splat(shrink)), f32x4.mul(sign, f32x4.splat(rate))),
    );
    value += 16;
    gradient += 16;
    momentum += 16;
  }
}
