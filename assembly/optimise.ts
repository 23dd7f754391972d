/** Optimisers over one flat range of parameters: value, gradient and moments, each [count], count a multiple of 4. */

/**
 * g = scale gradient + decay p     v = momentum v + g     p = p - rate v, or with Nesterov's look-ahead p - rate (g + momentum v)
 * (Sutskever et al. 2013 in PyTorch's form). scale: the factor of clipping.
 */
export function sgd(
  value: usize, gradient: usize, velocity: usize, count: u32,
  scale: f32, rate: f32, momentum: f32, nesterov: u32, decay: f32,
): void {
  const end = value + (<usize>count << 2);
  while (value < end) {
    const p = v128.load(value);
    const g = f32x4.add(f32x4.mul(v128.load(gradient), f32x4.splat(scale)), f32x4.mul(p, f32x4.splat(decay)));
    const v = f32x4.add(f32x4.mul(v128.load(velocity), f32x4.splat(momentum)), g);
    const move = nesterov ? f32x4.add(g, f32x4.mul(v, f32x4.splat(momentum))) : v;
    v128.store(velocity, v);
    v128.store(value, f32x4.sub(p, f32x4.mul(move, f32x4.splat(rate))));
    value += 16;
    gradient += 16;
    velocity += 16;
  }
}

/**
 * g = scale gradient + decay p     m = b1 m + (1 - b1) g     v = b2 v + (1 - b2) g²
 * p = shrink p - rate m / (sqrt(v) root + epsilon)
 * Adam (Kingma & Ba 2015) with `rate` = learning rate / (1 - b1^t) and `root` = 1 / sqrt(1 - b2^t);
 * decay: L2 inside the gradient; shrink = 1 - learning rate * weight decay: AdamW (Loshchilov & Hutter 2019).
 */
export function adam(
  value: usize, gradient: usize, first: usize, second: usize, count: u32,
  scale: f32, rate: f32, beta1: f64, beta2: f64, root: f32, epsilon: f32, decay: f32, shrink: f32,
): void {
  const end = value + (<usize>count << 2);
  const keep1 = f32x4.splat(<f32>beta1);
  const keep2 = f32x4.splat(<f32>beta2);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const take2 = f32x4.splat(<f32>(1 - beta2));
  while (value < end) {
    const p = v128.load(value);
    const g = f32x4.add(f32x4.mul(v128.load(gradient), f32x4.splat(scale)), f32x4.mul(p, f32x4.splat(decay)));
    const m = f32x4.add(f32x4.mul(v128.load(first), keep1), f32x4.mul(g, take1));
    const v = f32x4.add(f32x4.mul(v128.load(second), keep2), f32x4.mul(f32x4.mul(g, g), take2));
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(epsilon));
    v128.store(first, m);
    v128.store(second, v);
    v128.store(
      value, f32x4.sub(f32x4.mul(p, f32x4.splat(shrink)), f32x4.div(f32x4.mul(m, f32x4.splat(rate)), divisor)),
    );
    value += 16;
    gradient += 16;
    first += 16;
    second += 16;
  }
}
