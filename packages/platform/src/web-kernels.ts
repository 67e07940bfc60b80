// The WebAssembly side of web.ts: three kernels (ChaCha20, Poly1305, SHA-256) on one small memory, and its map;
// and the check of public keys, on a page of its own.
// The memory never grows, so the views stay valid. All of it is scratch: whoever puts a secret there wipes it.
// It refuses a module whose exports are not what the kernels' sources say.

import { UnsupportedPlatform } from './errors.ts';
import { wasmBase64 as chacha20Base64 } from './kernels/chacha20.wasm.ts';
import { wasmBase64 as edwards25519Base64 } from './kernels/edwards25519.wasm.ts';
import { wasmBase64 as poly1305Base64 } from './kernels/poly1305.wasm.ts';
import { wasmBase64 as sha256Base64 } from './kernels/sha256.wasm.ts';
import { type PrimeOrderCheck, pageOfPublicBytes, primeOrderCheckOn } from './prime-order.ts';

/** Addresses in the kernels' memory. The first page holds the small things, one page each follows for data and keystream. */
export const at = {
  chachaState: 64,
  polyState: 128,
  polyTag: 192,
  shaState: 256,
  shaConstants: 512,
  shaSchedule: 768,
  data: 65_536,
  keystream: 131_072,
} as const;

/** Bytes are worked on in pieces of this size. A multiple of 256 (four ChaCha20 blocks). */
export const pieceLength: number = 65_536;

type Kernel = (...addressesAndCounts: readonly number[]) => void;

/** What kernels/*.ts export; their comments say what each does. */
export interface Kernels {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly keystream: Kernel;
  readonly xorInPlace: Kernel;
  readonly polyBegin: Kernel;
  readonly polyAbsorb: Kernel;
  readonly polyFinish: Kernel;
  readonly shaCompress: Kernel;
  readonly isPrimeOrderPoint: PrimeOrderCheck;
}

export async function loadKernels(): Promise<Kernels> {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 3 });
  const publicMemory = pageOfPublicBytes();
  const [chacha20, poly1305, sha256, edwards25519] = await Promise.all([
    instantiate(chacha20Base64, memory),
    instantiate(poly1305Base64, memory),
    instantiate(sha256Base64, memory),
    instantiate(edwards25519Base64, publicMemory),
  ]);
  return Object.freeze<Kernels>({
    bytes: new Uint8Array(memory.buffer),
    words: new Uint32Array(memory.buffer),
    keystream: kernelNamed('keystream', chacha20),
    xorInPlace: kernelNamed('xorInPlace', chacha20),
    polyBegin: kernelNamed('begin', poly1305),
    polyAbsorb: kernelNamed('absorb', poly1305),
    polyFinish: kernelNamed('finish', poly1305),
    shaCompress: kernelNamed('compress', sha256),
    isPrimeOrderPoint: primeOrderCheckOn(publicMemory, edwards25519),
  });
}

async function instantiate(base64: string, memory: WebAssembly.Memory): Promise<WebAssembly.Exports> {
  const wasm = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory } }).catch((cause: unknown) => {
    throw new UnsupportedPlatform(
      "WebAssembly with SIMD is needed here, and a content security policy must allow 'wasm-unsafe-eval'",
      { cause },
    );
  });
  return instance.exports;
}

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'function';
}

function kernelNamed(name: string, exports: WebAssembly.Exports): Kernel {
  const kernel: unknown = exports[name];
  if (!isKernel(kernel)) throw new UnsupportedPlatform(`the embedded kernels have no function ${name}: rebuild them`);
  return kernel;
}
