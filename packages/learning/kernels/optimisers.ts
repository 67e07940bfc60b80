// One step of an optimiser over the flat vector of parameters. Any n.

/**
 * g ← gradient + decay·w;  v ← momentum·v + g;  w ← w - rate·(nesterov ? g + momentum·v : v)
 * (Sutskever, Martens, Dahl and Hinton 2013, in the form that evaluates the gradient at w). With momentum 0, v is not touched.
 */
export function sgd(
  w: usize,
  gradient: usize,
  v: usize,
  n: u32,
  rate: f32,
  momentum: f32,
  nesterov: u32,
  decay: f32,
): void {
  const r: v128 = v128.splat<f32>(rate);
  const m: v128 = v128.splat<f32>(momentum);
  const d: v128 = v128.splat<f32>(decay);
  let i: u32 = 0;
  if (momentum === 0) {
    for (; i + (4 as u32) <= n; i += 4, w += 16, gradient += 16) {
      const x: v128 = v128.load(w);
      const g: v128 = v128.add<f32>(v128.load(gradient), v128.mul<f32>(d, x));
      v128.store(w, v128.sub<f32>(x, v128.mul<f32>(r, g)));
    }
    for (; i < n; i++, w += 4, gradient += 4) {
      const x: f32 = load<f32>(w);
      store<f32>(w, x - rate * (load<f32>(gradient) + decay * x));
    }
    return;
  }
  for (; i + (4 as u32) <= n; i += 4, w += 16, gradient += 16, v += 16) {
    const x: v128 = v128.load(w);
    const g: v128 = v128.add<f32>(v128.load(gradient), v128.mul<f32>(d, x));
    const s: v128 = v128.add<f32>(v128.mul<f32>(m, v128.load(v)), g);
    v128.store(v, s);
    const step: v128 = nesterov !== (0 as u32) ? v128.add<f32>(g, v128.mul<f32>(m, s)) : s;
    v128.store(w, v128.sub<f32>(x, v128.mul<f32>(r, step)));
  }
  for (; i < n; i++, w += 4, gradient += 4, v += 4) {
    const x: f32 = load<f32>(w);
    const g: f32 = load<f32>(gradient) + decay * x;
    const s: f32 = momentum * load<f32>(v) + g;
    store<f32>(v, s);
    store<f32>(w, x - rate * (nesterov !== (0 as u32) ? g + momentum * s : s));
  }
}

/**
 * AdamW (arXiv 1711.05101, algorithm 2): m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;
 * w ← w - rate·(m·c₁/(√(v·c₂) + ε) + decay·w), with c = 1/(1 - β^t) of the step t handed in.
 */
export function adamW(
  w: usize,
  gradient: usize,
  m: usize,
  v: usize,
  n: u32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  decay: f32,
  correction1: f32,
  correction2: f32,
): void {
  for (let i: u32 = 0; i < n; i++, w += 4, gradient += 4, m += 4, v += 4) {
    const g: f32 = load<f32>(gradient);
    const first: f32 = beta1 * load<f32>(m) + ((1 as f32) - beta1) * g;
    const second: f32 = beta2 * load<f32>(v) + ((1 as f32) - beta2) * g * g;
    store<f32>(m, first);
    store<f32>(v, second);
    const x: f32 = load<f32>(w);
    const step: f32 = (first * correction1) / (sqrt<f32>(second * correction2) + epsilon);
    store<f32>(w, x - rate * (step + decay * x));
  }
}
