// ChaCha20 and ChaCha20-Poly1305 (RFC 8439) on the WebAssembly kernels. Lengths were checked by web.ts.
// Every function leaves the kernels' memory without key, keystream or plaintext.

import type { AeadInput } from './primitives.ts';
import { at, type Kernels, pieceLength } from './web-kernels.ts';

const tagLength = 16;

/** out ← keystream of RFC 8439 section 2.4 from block `counter`. */
export function fillKeystream(
  kernels: Kernels,
  key: Uint8Array,
  nonce: Uint8Array,
  counter: number,
  out: Uint8Array,
): void {
  setState(kernels, key, nonce, counter);
  for (let offset = 0; offset < out.length; offset += pieceLength) {
    const length = Math.min(pieceLength, out.length - offset);
    kernels.keystream(at.chachaState, at.keystream, Math.ceil(length / 256));
    out.set(kernels.bytes.subarray(at.keystream, at.keystream + length), offset);
  }
  wipe(kernels, at.chachaState, 64);
  wipe(kernels, at.keystream, out.length);
}

/** Ciphertext ‖ tag. */
export function seal(kernels: Kernels, input: AeadInput, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(plaintext.length + tagLength);
  const ciphertext = sealed.subarray(0, plaintext.length);
  encrypt(kernels, input, plaintext, ciphertext);
  sealed.set(authenticate(kernels, input, ciphertext), plaintext.length);
  return sealed;
}

/** The plaintext, or undefined when the tag does not fit: then nothing was decrypted at all. */
export function open(kernels: Kernels, input: AeadInput, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.length < tagLength) return undefined;
  // A copy, so that shared memory cannot change between the check and the decryption.
  const plaintext = sealed.slice(0, sealed.length - tagLength);
  const tag = authenticate(kernels, input, plaintext);
  if (!equalInConstantTime(tag, sealed.subarray(plaintext.length))) return undefined;
  encrypt(kernels, input, plaintext, plaintext);
  return plaintext;
}

/** Equal lengths assumed public; no early exit on the first difference. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Words 0–3 "expand 32-byte k", 4–11 the key, 12 the counter, 13–15 the nonce (RFC 8439 section 2.3). */
function setState({ bytes, words }: Kernels, key: Uint8Array, nonce: Uint8Array, counter: number): void {
  words.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574], at.chachaState / 4);
  bytes.set(key, at.chachaState + 16);
  words[at.chachaState / 4 + 12] = counter;
  bytes.set(nonce, at.chachaState + 52);
}

/** to ← from ⊕ keystream from block 1 (section 2.8); `to` may be `from`. */
function encrypt(kernels: Kernels, { key, nonce }: AeadInput, from: Uint8Array, to: Uint8Array): void {
  setState(kernels, key, nonce, 1);
  for (let offset = 0; offset < from.length; offset += pieceLength) {
    const length = Math.min(pieceLength, from.length - offset);
    kernels.keystream(at.chachaState, at.keystream, Math.ceil(length / 256));
    kernels.bytes.set(from.subarray(offset, offset + length), at.data);
    kernels.xorInPlace(at.data, at.keystream, length);
    to.set(kernels.bytes.subarray(at.data, at.data + length), offset);
  }
  wipe(kernels, at.chachaState, 64);
  wipe(kernels, at.data, from.length + 15);
  wipe(kernels, at.keystream, from.length);
}

/** Poly1305 under the key of block 0 (section 2.6) over data ‖ pad ‖ ciphertext ‖ pad ‖ both lengths (section 2.8). */
function authenticate(kernels: Kernels, input: AeadInput, ciphertext: Uint8Array): Uint8Array {
  setState(kernels, input.key, input.nonce, 0);
  kernels.keystream(at.chachaState, at.keystream, 1);
  kernels.polyBegin(at.polyState, at.keystream);
  absorbPadded(kernels, input.associatedData);
  absorbPadded(kernels, ciphertext);
  const lengths = new DataView(new ArrayBuffer(16));
  lengths.setBigUint64(0, BigInt(input.associatedData.length), true);
  lengths.setBigUint64(8, BigInt(ciphertext.length), true);
  absorbPadded(kernels, new Uint8Array(lengths.buffer));
  kernels.polyFinish(at.polyState, at.polyTag);
  const tag = kernels.bytes.slice(at.polyTag, at.polyTag + tagLength);
  wipe(kernels, at.chachaState, 64);
  wipe(kernels, at.keystream, 256);
  wipe(kernels, at.polyState, 64);
  wipe(kernels, at.polyTag, tagLength);
  return tag;
}

/** Absorbs `message` and as many zeros as fill its last 16-byte block. The ciphertext left behind is public. */
function absorbPadded(kernels: Kernels, message: Uint8Array): void {
  for (let offset = 0; offset < message.length; offset += pieceLength) {
    const length = Math.min(pieceLength, message.length - offset);
    const blockCount = Math.ceil(length / 16);
    kernels.bytes.set(message.subarray(offset, offset + length), at.data);
    kernels.bytes.fill(0, at.data + length, at.data + 16 * blockCount);
    kernels.polyAbsorb(at.polyState, at.data, blockCount);
  }
}

/** Zeroes what a run over `length` bytes may have left at `address`, whole quadruples of blocks included. */
function wipe({ bytes }: Kernels, address: number, length: number): void {
  const used = address === at.keystream ? Math.ceil(length / 256) * 256 : length;
  bytes.fill(0, address, address + Math.min(used, pieceLength));
}
