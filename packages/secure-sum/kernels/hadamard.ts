// The unnormalised Walsh–Hadamard transform on 2^layers floats, in place, and the scaling sign flips before and after it.
// The order of the layers is fixed (strides 4, 8, 1, 2, then 16, 32, …), because it decides how sums are rounded: every engine gives
// the same bits. Every group of 16 is left transposed as a 4 × 4 matrix; a Hadamard matrix does not mind a permutation of the bits of
// its indices on both sides, so applying the transform twice still multiplies by 2^layers (Fino and Algazi 1976).
// Addresses are 16-byte aligned. Constant-time: nothing branches on a value.

/** Floats that are transformed while they lie in the first cache: 2^13 of 4 bytes. */
function firstCacheLayers(layers: u32): u32 {
  return layers < (13 as u32) ? layers : (13 as u32);
}

/** Strides 4, 8, 1, 2 of every 16 floats, which end up transposed. */
function transformSixteens(at: usize, end: usize): void {
  do {
    const a: v128 = v128.load(at);
    const b: v128 = v128.load(at, 16);
    const c: v128 = v128.load(at, 32);
    const d: v128 = v128.load(at, 48);
    const ab: v128 = v128.add<f32>(a, b);
    const AB: v128 = v128.sub<f32>(a, b);
    const cd: v128 = v128.add<f32>(c, d);
    const CD: v128 = v128.sub<f32>(c, d);
    const row0: v128 = v128.add<f32>(ab, cd);
    const row1: v128 = v128.add<f32>(AB, CD);
    const row2: v128 = v128.sub<f32>(ab, cd);
    const row3: v128 = v128.sub<f32>(AB, CD);
    const low01: v128 = v128.shuffle<u32>(row0, row1, 0, 4, 1, 5);
    const low23: v128 = v128.shuffle<u32>(row2, row3, 0, 4, 1, 5);
    const high01: v128 = v128.shuffle<u32>(row0, row1, 2, 6, 3, 7);
    const high23: v128 = v128.shuffle<u32>(row2, row3, 2, 6, 3, 7);
    const column0: v128 = v128.shuffle<u64>(low01, low23, 0, 2);
    const column1: v128 = v128.shuffle<u64>(low01, low23, 1, 3);
    const column2: v128 = v128.shuffle<u64>(high01, high23, 0, 2);
    const column3: v128 = v128.shuffle<u64>(high01, high23, 1, 3);
    const sum01: v128 = v128.add<f32>(column0, column1);
    const difference01: v128 = v128.sub<f32>(column0, column1);
    const sum23: v128 = v128.add<f32>(column2, column3);
    const difference23: v128 = v128.sub<f32>(column2, column3);
    v128.store(at, v128.add<f32>(sum01, sum23));
    v128.store(at, v128.add<f32>(difference01, difference23), 16);
    v128.store(at, v128.sub<f32>(sum01, sum23), 32);
    v128.store(at, v128.sub<f32>(difference01, difference23), 48);
    at += 64;
  } while (at < end);
}

/** The layers of strides s, 2s and 4s; `stride` in bytes, a multiple of 16. */
function threeLayers(at: usize, end: usize, stride: usize): void {
  const stride2: usize = stride << 1;
  const stride3: usize = stride2 + stride;
  const stride4: usize = stride << 2;
  do {
    const groupEnd: usize = at + stride;
    do {
      const far: usize = at + stride4;
      const a: v128 = v128.load(at);
      const b: v128 = v128.load(at + stride);
      const c: v128 = v128.load(at + stride2);
      const d: v128 = v128.load(at + stride3);
      const e: v128 = v128.load(far);
      const f: v128 = v128.load(far + stride);
      const g: v128 = v128.load(far + stride2);
      const h: v128 = v128.load(far + stride3);
      const ab: v128 = v128.add<f32>(a, b);
      const AB: v128 = v128.sub<f32>(a, b);
      const cd: v128 = v128.add<f32>(c, d);
      const CD: v128 = v128.sub<f32>(c, d);
      const ef: v128 = v128.add<f32>(e, f);
      const EF: v128 = v128.sub<f32>(e, f);
      const gh: v128 = v128.add<f32>(g, h);
      const GH: v128 = v128.sub<f32>(g, h);
      const left0: v128 = v128.add<f32>(ab, cd);
      const left1: v128 = v128.add<f32>(AB, CD);
      const left2: v128 = v128.sub<f32>(ab, cd);
      const left3: v128 = v128.sub<f32>(AB, CD);
      const right0: v128 = v128.add<f32>(ef, gh);
      const right1: v128 = v128.add<f32>(EF, GH);
      const right2: v128 = v128.sub<f32>(ef, gh);
      const right3: v128 = v128.sub<f32>(EF, GH);
      v128.store(at, v128.add<f32>(left0, right0));
      v128.store(at + stride, v128.add<f32>(left1, right1));
      v128.store(at + stride2, v128.add<f32>(left2, right2));
      v128.store(at + stride3, v128.add<f32>(left3, right3));
      v128.store(far, v128.sub<f32>(left0, right0));
      v128.store(far + stride, v128.sub<f32>(left1, right1));
      v128.store(far + stride2, v128.sub<f32>(left2, right2));
      v128.store(far + stride3, v128.sub<f32>(left3, right3));
      at += 16;
    } while (at < groupEnd);
    at += stride4 + stride3;
  } while (at < end);
}

/** The layer of stride s; `stride` in bytes, a multiple of 16. */
function oneLayer(at: usize, end: usize, stride: usize): void {
  do {
    const groupEnd: usize = at + stride;
    do {
      const a: v128 = v128.load(at);
      const b: v128 = v128.load(at + stride);
      v128.store(at, v128.add<f32>(a, b));
      v128.store(at + stride, v128.sub<f32>(a, b));
      at += 16;
    } while (at < groupEnd);
    at += stride;
  } while (at < end);
}

/** The layers from stride 2^from on, `layers` of them in all, of the floats in [at, end). */
function laterLayers(at: usize, end: usize, from: u32, layers: u32): void {
  let layer: u32 = from;
  while (layer + (3 as u32) <= layers) {
    threeLayers(at, end, (4 as usize) << (layer as usize));
    layer += 3;
  }
  while (layer < layers) {
    oneLayer(at, end, (4 as usize) << (layer as usize));
    layer += 1;
  }
}

/** Replaces 2^layers floats, layers ≥ 4, by their transform, 2^(layers/2) times an orthogonal one. */
export function hadamard(address: usize, layers: u32): void {
  const end: usize = address + ((4 as usize) << (layers as usize));
  const near: u32 = firstCacheLayers(layers);
  const blockBytes: usize = (4 as usize) << (near as usize);
  let block: usize = address;
  do {
    transformSixteens(block, block + blockBytes);
    laterLayers(block, block + blockBytes, 4, near);
    block += blockBytes;
  } while (block < end);
  laterLayers(address, end, near, layers);
}

/**
 * out_i = ±(value_i · first) · second, with a minus where bit `firstBit` + i of `signs` is set. Two factors, because one float may not hold
 * their product. `count` and `firstBit` are multiples of 4. In place is allowed.
 */
export function flipAndScale(
  out: usize,
  values: usize,
  count: u32,
  signs: usize,
  firstBit: u32,
  first: f32,
  second: f32,
): void {
  const firsts: v128 = v128.splat<f32>(first);
  const seconds: v128 = v128.splat<f32>(second);
  const signBit: v128 = v128.splat<u32>(0x80000000);
  // Multiplying by 2^(31 − lane) brings bit `lane` to the top.
  const lift: v128 = v128.replace_lane<u32>(
    v128.replace_lane<u32>(v128.replace_lane<u32>(signBit, 1, 0x40000000), 2, 0x20000000),
    3,
    0x10000000,
  );
  const end: usize = values + ((count as usize) << 2);
  let bit: u32 = firstBit;
  while (values < end) {
    const nibble: u32 = (load<u8>(signs + ((bit >> (3 as u32)) as usize)) as u32) >> (bit & (4 as u32));
    const flips: v128 = v128.and(v128.mul<u32>(v128.splat<u32>(nibble), lift), signBit);
    const scaled: v128 = v128.mul<f32>(v128.mul<f32>(v128.load(values), firsts), seconds);
    v128.store(out, v128.xor(scaled, flips));
    values += 16;
    out += 16;
    bit += 4;
  }
}
