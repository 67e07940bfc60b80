// Evaluating polynomials at the points 0, ±1, ±2 and ∞: a row of Aᵀ, and of Gᵀ after its factors.

/** Row i of Aᵀ on six vectors: Σ_p p^i·m_p, with m₅ (the point ∞) in row `last` only. `s` = m₁ ± m₂, `t` = m₃ ± m₄. */
export function evaluate(m0: v128, s: v128, t: v128, m5: v128, i: u32, last: u32): v128 {
  let sum: v128 = v128.add<f32>(s, v128.mul<f32>(v128.splat<f32>(((1 as u32) << i) as f32), t));
  if (i === (0 as u32)) sum = v128.add<f32>(sum, m0);
  if (i === last) sum = v128.add<f32>(sum, m5);
  return sum;
}
