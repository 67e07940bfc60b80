// Is a public key a point of prime order? The fast engine: kernels/edwards25519.ts on a memory of its own, one page that nothing secret
// ever enters. node.ts compiles it when the first key comes, web.ts when it loads. edwards25519.ts is the slow engine and the reference.

import { d, groupOrder, squareRootOfMinusOne } from './edwards25519.ts';
import { UnsupportedPlatform } from './errors.ts';
import { wasmBase64 } from './kernels/edwards25519.wasm.ts';

/** Is this 32-byte encoding canonical, on the curve, and a point of order exactly L? */
export type PrimeOrderCheck = (encoding: Uint8Array) => boolean;

/** Addresses in the kernel's page. */
const at = { constants: 64, digits: 256, encoding: 512, scratch: 1024 } as const;

/** For Node, which compiles at once; browsers may refuse that on a page's main thread and go through web-kernels.ts. */
export function primeOrderCheck(): PrimeOrderCheck {
  const memory = pageOfPublicBytes();
  const wasm = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  return primeOrderCheckOn(memory, new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } }).exports);
}

export const pageOfPublicBytes = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 1 });

type Kernel = (encoding: number, digits: number, digitCount: number, constants: number, scratch: number) => number;

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'function';
}

/** `exports`: of kernels/edwards25519.ts on `memory`. */
export function primeOrderCheckOn(memory: WebAssembly.Memory, exports: WebAssembly.Exports): PrimeOrderCheck {
  const hasPrimeOrder: unknown = exports['hasPrimeOrder'];
  if (!isKernel(hasPrimeOrder)) throw new UnsupportedPlatform('the embedded kernel has no hasPrimeOrder: rebuild it');
  const bytes = new Uint8Array(memory.buffer);
  const limbs = new Int32Array(memory.buffer, at.constants, 30);
  for (const [i, constant] of [d, 2n * d, squareRootOfMinusOne].entries()) limbs.set(limbsOf(constant), 10 * i);
  const digits = Int8Array.from(orderDigits());
  new Int8Array(memory.buffer).set(digits, at.digits);
  return (encoding) => {
    if (encoding.length !== 32) return false;
    bytes.set(encoding, at.encoding);
    return hasPrimeOrder(at.encoding, at.digits, digits.length, at.constants, at.scratch) === 1;
  };
}

/** A number in [0, 2^256) as ten limbs; the last one takes what is left. */
function limbsOf(value: bigint): number[] {
  const limbs: number[] = [];
  let rest = value % (2n ** 255n - 19n);
  for (let i = 0; i < 10; i += 1) {
    const width = i % 2 === 0 ? 26n : 25n;
    limbs.push(Number(rest & ((1n << width) - 1n)));
    rest >>= width;
  }
  return limbs;
}

/** L = Σ digit_i · 2^i with digits 0 or odd, |digit| ≤ 15, highest first: of five digits in a row at most one is not zero. */
export function orderDigits(): number[] {
  const digits: number[] = [];
  for (let rest = groupOrder; rest > 0n; rest >>= 1n) {
    const low = Number(rest & 31n);
    const digit = low % 2 === 0 ? 0 : low < 16 ? low : low - 32;
    rest -= BigInt(digit);
    digits.push(digit);
  }
  return digits.reverse();
}
