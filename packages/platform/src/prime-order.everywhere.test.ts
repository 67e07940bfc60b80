// Both engines that decide on public keys, one contract; and what the contract catches.

import { expect, test } from 'vitest';
import { patterned } from './bytes.contract.ts';
import { groupOrder, isPrimeOrderPoint } from './edwards25519.ts';
import { wasmBase64 } from './kernels/edwards25519.wasm.ts';
import { wrongAnswers } from './prime-order.contract.ts';
import { orderDigits, pageOfPublicBytes, primeOrderCheck, primeOrderCheckOn } from './prime-order.ts';
import { loadKernels } from './web-kernels.ts';

const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
const kernels = await loadKernels();

test('the fast engine is right on known keys, on every small and mixed order, and on what is no canonical encoding', () => {
  expect(wrongAnswers(kernels.isPrimeOrderPoint, full ? 2000 : 250)).toEqual([]);
});

test('the reference engine is, too', () => {
  expect(wrongAnswers(isPrimeOrderPoint, full ? 2000 : 16)).toEqual([]);
});

test('on random bytes, half of them on no curve and an eighth of the others of prime order, both engines agree', () => {
  const check = kernels.isPrimeOrderPoint;
  let good = 0;
  for (let seed = 1; seed <= (full ? 2000 : 160); seed += 1) {
    const bytes = patterned(32, seed);
    const answer = check(bytes);
    if (answer) good += 1;
    if (answer !== isPrimeOrderPoint(bytes)) expect.fail(`random bytes ${seed}`);
  }
  expect(good).toBeGreaterThan(0);
});

test('other lengths are no keys', () => {
  for (const length of [0, 31, 33]) expect(kernels.isPrimeOrderPoint(patterned(length))).toBe(false);
});

test('the digits are those of L: each zero or odd and small, and never two in five', () => {
  const digits = orderDigits();
  expect(digits.reduce((value, digit) => 2n * value + BigInt(digit), 0n)).toBe(groupOrder);
  for (const [i, digit] of digits.entries()) {
    if (digit === 0) continue;
    expect(Math.abs(digit)).toBeLessThanOrEqual(15);
    expect(Math.abs(digit % 2)).toBe(1);
    expect(digits.slice(i + 1, i + 5).every((next) => next === 0)).toBe(true);
  }
});

test('planted breaks are caught: no root of −1, nothing multiplied, another L', () => {
  // The kernel on a memory whose tables can be reached.
  const broken = (breakTables: (bytes: Uint8Array) => void): ReturnType<typeof primeOrderCheck> => {
    const memory = pageOfPublicBytes();
    const wasm = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } });
    const check = primeOrderCheckOn(memory, exports);
    breakTables(new Uint8Array(memory.buffer));
    return check;
  };
  expect(
    wrongAnswers(
      broken(() => undefined),
      16,
    ),
  ).toEqual([]);
  // √−1 forgotten: points whose first root is of −u/v are refused.
  expect(
    wrongAnswers(
      broken((bytes) => bytes.fill(0, 64 + 80, 64 + 120)),
      16,
    ),
  ).not.toEqual([]);
  // 0 for L: mixed orders pass.
  const anything = broken((bytes) => bytes.fill(0, 256, 256 + 253));
  expect(wrongAnswers(anything, 16).filter((name) => name.includes('torsion')).length).toBe(14);
  // The lowest digit changed.
  expect(
    wrongAnswers(
      broken((bytes) => bytes.set([bytes[256 + 252]! ^ 2], 256 + 252)),
      16,
    ),
  ).not.toEqual([]);
});

test('no y below 19 belongs to a point of prime order, so even a check that took y modulo p would refuse y + p', () => {
  const below19 = (y: number, top: number): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? y : i === 31 ? top : 0));
  for (let y = 0; y < 19; y += 1) {
    for (const top of [0, 0x80]) expect(kernels.isPrimeOrderPoint(below19(y, top)), `y = ${y}`).toBe(false);
  }
});

test('the engine that is compiled at once is the same', () => {
  expect(wrongAnswers(primeOrderCheck(), 8)).toEqual([]);
});
