// The group of Ed25519 (RFC 8032 section 5.1), only what deciding on a *public* key needs: does it stand for a point of prime order?
// One WebAssembly module of packages/platform, used by node.ts and web.ts through prime-order.ts; edwards25519.ts says the same in big
// integers. Variable time: it never sees a secret. It refuses nothing: 32 bytes are its caller's business.
//
// A number modulo p = 2^255 − 19 is ten signed limbs of 26, 25, 26, … bits, limb i of weight 2^⌈25.5·i⌉, in 40 bytes; a point is X, Y, Z,
// T with x = X/Z, y = Y/Z, x·y = T/Z (RFC 8032 section 5.1.4). What `settle` stores has |limb| ≤ 1.01 · 2^25 (even i) or 1.01 · 2^24
// (odd i): one unit. A sum or difference of such is two units, and so on; products are taken of at most 4 × 4 units:
// |h0| ≤ 16 · (77 + 47.5) · 1.01² · 2^50 < 2^62, and the others are smaller.

/** Bits of limb i. */
function widthOf(limb: u32): i64 {
  return 26 - ((limb & 1) as i64);
}

/** out ← Σ h_i · 2^⌈25.5·i⌉ mod p, every carry rounded to the nearest; 2^255 ≡ 19 takes the last one around. */
function settle(
  out: usize,
  h0: i64,
  h1: i64,
  h2: i64,
  h3: i64,
  h4: i64,
  h5: i64,
  h6: i64,
  h7: i64,
  h8: i64,
  h9: i64,
): void {
  let carry: i64 = 0;
  carry = (h0 + (1 << 25)) >> 26;
  h1 += carry;
  h0 -= carry << 26;
  carry = (h4 + (1 << 25)) >> 26;
  h5 += carry;
  h4 -= carry << 26;
  carry = (h1 + (1 << 24)) >> 25;
  h2 += carry;
  h1 -= carry << 25;
  carry = (h5 + (1 << 24)) >> 25;
  h6 += carry;
  h5 -= carry << 25;
  carry = (h2 + (1 << 25)) >> 26;
  h3 += carry;
  h2 -= carry << 26;
  carry = (h6 + (1 << 25)) >> 26;
  h7 += carry;
  h6 -= carry << 26;
  carry = (h3 + (1 << 24)) >> 25;
  h4 += carry;
  h3 -= carry << 25;
  carry = (h7 + (1 << 24)) >> 25;
  h8 += carry;
  h7 -= carry << 25;
  carry = (h4 + (1 << 25)) >> 26;
  h5 += carry;
  h4 -= carry << 26;
  carry = (h8 + (1 << 25)) >> 26;
  h9 += carry;
  h8 -= carry << 26;
  carry = (h9 + (1 << 24)) >> 25;
  h0 += 19 * carry;
  h9 -= carry << 25;
  carry = (h0 + (1 << 25)) >> 26;
  h1 += carry;
  h0 -= carry << 26;
  store<i32>(out, h0 as i32);
  store<i32>(out + 4, h1 as i32);
  store<i32>(out + 8, h2 as i32);
  store<i32>(out + 12, h3 as i32);
  store<i32>(out + 16, h4 as i32);
  store<i32>(out + 20, h5 as i32);
  store<i32>(out + 24, h6 as i32);
  store<i32>(out + 28, h7 as i32);
  store<i32>(out + 32, h8 as i32);
  store<i32>(out + 36, h9 as i32);
}

/** out ← a · b: f_i · g_j has weight i + j; twice when both are odd (half bits), 19 times when i + j passes 9. */
function multiply(out: usize, a: usize, b: usize): void {
  const f0: i64 = load<i32>(a);
  const f1: i64 = load<i32>(a + 4);
  const f2: i64 = load<i32>(a + 8);
  const f3: i64 = load<i32>(a + 12);
  const f4: i64 = load<i32>(a + 16);
  const f5: i64 = load<i32>(a + 20);
  const f6: i64 = load<i32>(a + 24);
  const f7: i64 = load<i32>(a + 28);
  const f8: i64 = load<i32>(a + 32);
  const f9: i64 = load<i32>(a + 36);
  const g0: i64 = load<i32>(b);
  const g1: i64 = load<i32>(b + 4);
  const g2: i64 = load<i32>(b + 8);
  const g3: i64 = load<i32>(b + 12);
  const g4: i64 = load<i32>(b + 16);
  const g5: i64 = load<i32>(b + 20);
  const g6: i64 = load<i32>(b + 24);
  const g7: i64 = load<i32>(b + 28);
  const g8: i64 = load<i32>(b + 32);
  const g9: i64 = load<i32>(b + 36);
  const n1: i64 = 19 * g1;
  const n2: i64 = 19 * g2;
  const n3: i64 = 19 * g3;
  const n4: i64 = 19 * g4;
  const n5: i64 = 19 * g5;
  const n6: i64 = 19 * g6;
  const n7: i64 = 19 * g7;
  const n8: i64 = 19 * g8;
  const n9: i64 = 19 * g9;
  const t1: i64 = 2 * f1;
  const t3: i64 = 2 * f3;
  const t5: i64 = 2 * f5;
  const t7: i64 = 2 * f7;
  const t9: i64 = 2 * f9;
  const h0: i64 = f0 * g0 + t1 * n9 + f2 * n8 + t3 * n7 + f4 * n6 + t5 * n5 + f6 * n4 + t7 * n3 + f8 * n2 + t9 * n1;
  const h1: i64 = f0 * g1 + f1 * g0 + f2 * n9 + f3 * n8 + f4 * n7 + f5 * n6 + f6 * n5 + f7 * n4 + f8 * n3 + f9 * n2;
  const h2: i64 = f0 * g2 + t1 * g1 + f2 * g0 + t3 * n9 + f4 * n8 + t5 * n7 + f6 * n6 + t7 * n5 + f8 * n4 + t9 * n3;
  const h3: i64 = f0 * g3 + f1 * g2 + f2 * g1 + f3 * g0 + f4 * n9 + f5 * n8 + f6 * n7 + f7 * n6 + f8 * n5 + f9 * n4;
  const h4: i64 = f0 * g4 + t1 * g3 + f2 * g2 + t3 * g1 + f4 * g0 + t5 * n9 + f6 * n8 + t7 * n7 + f8 * n6 + t9 * n5;
  const h5: i64 = f0 * g5 + f1 * g4 + f2 * g3 + f3 * g2 + f4 * g1 + f5 * g0 + f6 * n9 + f7 * n8 + f8 * n7 + f9 * n6;
  const h6: i64 = f0 * g6 + t1 * g5 + f2 * g4 + t3 * g3 + f4 * g2 + t5 * g1 + f6 * g0 + t7 * n9 + f8 * n8 + t9 * n7;
  const h7: i64 = f0 * g7 + f1 * g6 + f2 * g5 + f3 * g4 + f4 * g3 + f5 * g2 + f6 * g1 + f7 * g0 + f8 * n9 + f9 * n8;
  const h8: i64 = f0 * g8 + t1 * g7 + f2 * g6 + t3 * g5 + f4 * g4 + t5 * g3 + f6 * g2 + t7 * g1 + f8 * g0 + t9 * n9;
  const h9: i64 = f0 * g9 + f1 * g8 + f2 * g7 + f3 * g6 + f4 * g5 + f5 * g4 + f6 * g3 + f7 * g2 + f8 * g1 + f9 * g0;
  settle(out, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9);
}

/** out ← a², with equal products taken once: d doubles, q quadruples. */
function square(out: usize, a: usize): void {
  const f0: i64 = load<i32>(a);
  const f1: i64 = load<i32>(a + 4);
  const f2: i64 = load<i32>(a + 8);
  const f3: i64 = load<i32>(a + 12);
  const f4: i64 = load<i32>(a + 16);
  const f5: i64 = load<i32>(a + 20);
  const f6: i64 = load<i32>(a + 24);
  const f7: i64 = load<i32>(a + 28);
  const f8: i64 = load<i32>(a + 32);
  const f9: i64 = load<i32>(a + 36);
  const d0: i64 = 2 * f0;
  const d1: i64 = 2 * f1;
  const q1: i64 = 4 * f1;
  const d2: i64 = 2 * f2;
  const d3: i64 = 2 * f3;
  const q3: i64 = 4 * f3;
  const d4: i64 = 2 * f4;
  const d5: i64 = 2 * f5;
  const q5: i64 = 4 * f5;
  const n5: i64 = 19 * f5;
  const d6: i64 = 2 * f6;
  const n6: i64 = 19 * f6;
  const d7: i64 = 2 * f7;
  const q7: i64 = 4 * f7;
  const n7: i64 = 19 * f7;
  const d8: i64 = 2 * f8;
  const n8: i64 = 19 * f8;
  const d9: i64 = 2 * f9;
  const n9: i64 = 19 * f9;
  const h0: i64 = f0 * f0 + q1 * n9 + d2 * n8 + q3 * n7 + d4 * n6 + d5 * n5;
  const h1: i64 = d0 * f1 + d2 * n9 + d3 * n8 + d4 * n7 + d5 * n6;
  const h2: i64 = d0 * f2 + d1 * f1 + q3 * n9 + d4 * n8 + q5 * n7 + f6 * n6;
  const h3: i64 = d0 * f3 + d1 * f2 + d4 * n9 + d5 * n8 + d6 * n7;
  const h4: i64 = d0 * f4 + q1 * f3 + f2 * f2 + q5 * n9 + d6 * n8 + d7 * n7;
  const h5: i64 = d0 * f5 + d1 * f4 + d2 * f3 + d6 * n9 + d7 * n8;
  const h6: i64 = d0 * f6 + q1 * f5 + d2 * f4 + d3 * f3 + q7 * n9 + f8 * n8;
  const h7: i64 = d0 * f7 + d1 * f6 + d2 * f5 + d3 * f4 + d8 * n9;
  const h8: i64 = d0 * f8 + q1 * f7 + d2 * f6 + q3 * f5 + f4 * f4 + d9 * n9;
  const h9: i64 = d0 * f9 + d1 * f8 + d2 * f7 + d3 * f6 + d4 * f5;
  settle(out, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9);
}

/** out ← a^(2^times), times ≥ 1. */
function squareOften(out: usize, a: usize, times: u32): void {
  square(out, a);
  for (let i: u32 = 1; i < times; i++) square(out, out);
}

/** out ← a + b, not settled: the units of both. */
function add(out: usize, a: usize, b: usize): void {
  v128.store(out, i32x4.add(v128.load(a), v128.load(b)));
  v128.store(out + 16, i32x4.add(v128.load(a + 16), v128.load(b + 16)));
  store<i32>(out + 32, load<i32>(a + 32) + load<i32>(b + 32));
  store<i32>(out + 36, load<i32>(a + 36) + load<i32>(b + 36));
}

/** out ← a − b, not settled: the units of both. */
function subtract(out: usize, a: usize, b: usize): void {
  v128.store(out, i32x4.sub(v128.load(a), v128.load(b)));
  v128.store(out + 16, i32x4.sub(v128.load(a + 16), v128.load(b + 16)));
  store<i32>(out + 32, load<i32>(a + 32) - load<i32>(b + 32));
  store<i32>(out + 36, load<i32>(a + 36) - load<i32>(b + 36));
}

function setSmall(out: usize, value: i32): void {
  memory.fill(out, 0, 40);
  store<i32>(out, value);
}

/** out ← a in [0, p), limbs in [0, 2^26) and [0, 2^25). a: at most two units. */
function freeze(out: usize, a: usize): void {
  // The quotient is ⌊(a + 19 · a / 2^255) / 2^255⌋: 19 · a / 2^255 from the top limb, then the carries of that sum, kept only at the top.
  let quotient: i64 = (19 * (load<i32>(a + 36) as i64) + (1 << 24)) >> 25;
  for (let i: u32 = 0; i < 10; i++) quotient = ((load<i32>(a + ((i as usize) << 2)) as i64) + quotient) >> widthOf(i);
  let carry: i64 = 19 * quotient;
  for (let i: u32 = 0; i < 10; i++) {
    const limb: i64 = (load<i32>(a + ((i as usize) << 2)) as i64) + carry;
    carry = limb >> widthOf(i);
    store<i32>(out + ((i as usize) << 2), (limb - (carry << widthOf(i))) as i32);
  }
}

/** Limb by limb. */
function isSame(a: usize, b: usize): bool {
  let difference: i32 = 0;
  for (let i: usize = 0; i < 40; i += 4) difference |= load<i32>(a + i) ^ load<i32>(b + i);
  return difference === 0;
}

/** a ≡ 0 (mod p)? Uses 40 bytes at `room`. */
function isZero(a: usize, room: usize): bool {
  freeze(room, a);
  let bits: i32 = 0;
  for (let i: usize = 0; i < 40; i += 4) bits |= load<i32>(room + i);
  return bits === 0;
}

/** out ← the low 255 bits of 32 bytes, little-endian, limbs not negative: two units. */
function loadBits(out: usize, bytes: usize): void {
  store<i32>(out, (load<u32>(bytes) & 0x3ffffff) as i32);
  store<i32>(out + 4, ((load<u32>(bytes + 3) >> 2) & 0x1ffffff) as i32);
  store<i32>(out + 8, ((load<u32>(bytes + 6) >> 3) & 0x3ffffff) as i32);
  store<i32>(out + 12, ((load<u32>(bytes + 9) >> 5) & 0x1ffffff) as i32);
  store<i32>(out + 16, ((load<u32>(bytes + 12) >> 6) & 0x3ffffff) as i32);
  store<i32>(out + 20, (load<u32>(bytes + 16) & 0x1ffffff) as i32);
  store<i32>(out + 24, ((load<u32>(bytes + 19) >> 1) & 0x3ffffff) as i32);
  store<i32>(out + 28, ((load<u32>(bytes + 22) >> 3) & 0x1ffffff) as i32);
  store<i32>(out + 32, ((load<u32>(bytes + 25) >> 4) & 0x3ffffff) as i32);
  store<i32>(out + 36, ((load<u32>(bytes + 28) >> 6) & 0x1ffffff) as i32);
}

/** out ← a^((p − 5)/8) = a^(2^252 − 3), by runs of ones: 1, 2, 5, 10, 20, 40, 50, 100, 200, 250 bits. Uses 160 bytes at `room`. */
function rootPower(out: usize, a: usize, room: usize): void {
  const t0: usize = room;
  const t1: usize = room + 40;
  const t2: usize = room + 80;
  const t3: usize = room + 120;
  square(t0, a);
  squareOften(t1, t0, 2);
  multiply(t1, a, t1);
  multiply(t0, t0, t1);
  square(t0, t0);
  multiply(t0, t1, t0); // 2^5 − 1
  squareOften(t1, t0, 5);
  multiply(t1, t1, t0); // 2^10 − 1
  squareOften(t2, t1, 10);
  multiply(t2, t2, t1); // 2^20 − 1
  squareOften(t3, t2, 20);
  multiply(t2, t3, t2); // 2^40 − 1
  squareOften(t2, t2, 10);
  multiply(t1, t2, t1); // 2^50 − 1
  squareOften(t2, t1, 50);
  multiply(t2, t2, t1); // 2^100 − 1
  squareOften(t3, t2, 100);
  multiply(t2, t3, t2); // 2^200 − 1
  squareOften(t2, t2, 50);
  multiply(t1, t2, t1); // 2^250 − 1
  squareOften(t1, t1, 2);
  multiply(out, t1, a);
}

/** point ← 2 · point (Hisil, Wong, Carter, Dawson 2008, section 3.3, a = −1, all signs turned); T only `withT`. Uses 200 bytes at `room`. */
function double(point: usize, withT: bool, room: usize): void {
  const a: usize = room;
  const b: usize = room + 40;
  const e: usize = room + 80;
  const f: usize = room + 120;
  const h: usize = room + 160;
  square(a, point);
  square(b, point + 40);
  square(f, point + 80);
  add(e, point, point + 40);
  square(e, e);
  add(h, a, b); // X² + Y², two units
  subtract(e, h, e); // X² + Y² − (X + Y)², three
  subtract(b, a, b); // X² − Y², two
  add(f, f, f);
  add(f, f, b); // 2·Z² + X² − Y², four
  multiply(point, e, f);
  multiply(point + 40, b, h);
  multiply(point + 80, f, b);
  if (withT) multiply(point + 120, e, h);
}

/** out ← Y + X, Y − X, 2·Z, 2·d·T of the point: what an addition takes of its second point. */
function prepare(out: usize, point: usize, twoD: usize): void {
  add(out, point + 40, point);
  subtract(out + 40, point + 40, point);
  add(out + 80, point + 80, point + 80);
  multiply(out + 120, point + 120, twoD);
}

/**
 * point ← point ± the prepared one (same paper, section 3.1: complete on this curve). The negative of a point has its X and T turned:
 * the first two of the prepared numbers change places, and so do F and G. Uses 200 bytes at `room`.
 */
function addPrepared(point: usize, prepared: usize, negative: bool, room: usize): void {
  const a: usize = room;
  const b: usize = room + 40;
  const c: usize = room + 80;
  const f: usize = room + 120;
  const g: usize = room + 160;
  subtract(a, point + 40, point);
  multiply(a, a, negative ? prepared : prepared + 40);
  add(b, point + 40, point);
  multiply(b, b, negative ? prepared + 40 : prepared);
  multiply(c, point + 120, prepared + 120);
  multiply(f, point + 80, prepared + 80);
  if (negative) {
    subtract(g, f, c);
    add(f, f, c);
  } else {
    add(g, f, c);
    subtract(f, f, c);
  }
  subtract(c, b, a); // E
  add(a, b, a); // H
  multiply(point, c, f);
  multiply(point + 40, g, a);
  multiply(point + 80, f, g);
  multiply(point + 120, c, a);
}

/**
 * x = √(u/v) with u = y² − 1, v = d·y² + 1 (RFC 8032 section 5.1.3), y at point + 40; either root, because a point and its negative have
 * one order. Fills X, Z = 1 and T. False when u/v has no root. `constants`: d, 2·d, √−1. Uses 320 bytes at `room`.
 */
function findX(point: usize, constants: usize, room: usize): bool {
  const u: usize = room + 160;
  const v: usize = room + 200;
  const w: usize = room + 240;
  const y2: usize = room + 280;
  setSmall(point + 80, 1);
  square(y2, point + 40);
  subtract(u, y2, point + 80);
  multiply(v, y2, constants);
  add(v, v, point + 80);
  square(w, v);
  multiply(w, w, v); // v³
  multiply(point, w, u); // u·v³
  square(w, w);
  multiply(w, w, v);
  multiply(w, w, u); // u·v⁷
  rootPower(w, w, room);
  multiply(point, point, w);
  square(w, point);
  multiply(w, w, v);
  subtract(y2, w, u);
  if (!isZero(y2, room)) {
    add(y2, w, u);
    if (!isZero(y2, room)) return false;
    multiply(point, point, constants + 80);
  }
  multiply(point + 120, point, point + 40);
  return true;
}

/**
 * 1 when the 32 bytes at `encoding` are the canonical encoding of a point of order exactly L, else 0. `digits` holds `digitCount` signed
 * bytes, highest first: L = Σ digit · 2^i, each zero or odd with |digit| ≤ 15. Uses 2000 bytes at `scratch`, and leaves public bytes there.
 */
export function hasPrimeOrder(encoding: usize, digits: usize, digitCount: u32, constants: usize, scratch: usize): u32 {
  const point: usize = scratch;
  const twice: usize = scratch + 160;
  const room: usize = scratch + 320;
  const table: usize = scratch + 640;
  const twoD: usize = constants + 40;
  loadBits(point + 40, encoding);
  freeze(room, point + 40);
  if (!isSame(room, point + 40)) return 0; // y ≥ p
  if (!findX(point, constants, room)) return 0;
  if (isZero(point, room)) return 0; // (0, 1) and (0, −1); whichever the sign bit, not of order L
  // P, 3P, …, 15P.
  prepare(table, point, twoD);
  double(point, true, room);
  prepare(twice, point, twoD);
  addPrepared(point, table, false, room);
  for (let i: usize = 160; i < 1280; i += 160) {
    prepare(table + i, point, twoD);
    addPrepared(point, twice, false, room);
  }
  setSmall(point, 0);
  setSmall(point + 40, 1);
  setSmall(point + 80, 1);
  setSmall(point + 120, 0);
  for (let i: u32 = 0; i < digitCount; i++) {
    const digit: i32 = load<i8>(digits + (i as usize));
    double(point, digit !== 0, room);
    if (digit !== 0) {
      const size: i32 = digit < 0 ? -digit : digit;
      addPrepared(point, table + 160 * ((size >> 1) as usize), digit < 0, room);
    }
  }
  subtract(room + 40, point + 40, point + 80);
  return isZero(point, room) && isZero(room + 40, room) ? 1 : 0;
}
