// SHA-256 (FIPS 180-4) and HMAC (RFC 2104) on the WebAssembly kernel: synchronous, where WebCrypto's digest is not.

import { at, type Kernels, pieceLength } from './web-kernels.ts';

const blockLength = 64;

/** Puts the round constants into the kernels' memory; once, after loading. */
export function prepareSha256({ words }: Kernels): void {
  // Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  words.set(
    firstPrimes(64).map((prime) => Number(root(prime << 96n, 3n) & 0xffff_ffffn)),
    at.shaConstants / 4,
  );
}

/** Section 5.3.3: the first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const initialState: readonly number[] = firstPrimes(8).map((prime) => Number(root(prime << 64n, 2n) & 0xffff_ffffn));

export function sha256Of(kernels: Kernels, chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const { bytes, words } = kernels;
  words.set(initialState, at.shaState / 4);
  let total = 0;
  let used = 0;
  let highest = 0;
  for (const chunk of chunks) {
    total += chunk.length;
    for (let offset = 0; offset < chunk.length; ) {
      const length = Math.min(pieceLength - used, chunk.length - offset);
      bytes.set(chunk.subarray(offset, offset + length), at.data + used);
      offset += length;
      used += length;
      highest = Math.max(highest, used);
      if (used === pieceLength) {
        kernels.shaCompress(at.shaState, at.data, pieceLength / blockLength, at.shaConstants, at.shaSchedule);
        used = 0;
      }
    }
  }
  // Section 5.1.1: the bit 1, zeros up to 56 modulo 64, the length in bits as 64 bits big-endian. `used` < pieceLength here, and
  // pieceLength is a multiple of the block, so the padded end always fits the page.
  const paddedLength = Math.ceil((used + 9) / blockLength) * blockLength;
  bytes.fill(0, at.data + used, at.data + paddedLength);
  bytes[at.data + used] = 0x80;
  new DataView(bytes.buffer).setBigUint64(at.data + paddedLength - 8, BigInt(total) * 8n, false);
  kernels.shaCompress(at.shaState, at.data, paddedLength / blockLength, at.shaConstants, at.shaSchedule);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let i = 0; i < 8; i += 1) view.setUint32(4 * i, words[at.shaState / 4 + i] ?? 0, false);
  // What was hashed may be a key (HMAC): leave nothing of it.
  bytes.fill(0, at.data, at.data + Math.max(highest, paddedLength));
  bytes.fill(0, at.shaState, at.shaState + 32);
  bytes.fill(0, at.shaSchedule, at.shaSchedule + 256);
  return digest;
}

/** RFC 2104 section 2: H(K ⊕ opad ‖ H(K ⊕ ipad ‖ text)), K hashed first when longer than a block. */
export function hmacSha256Of(
  kernels: Kernels,
  key: Uint8Array,
  chunks: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const shortKey = key.length > blockLength ? sha256Of(kernels, [key]) : new Uint8Array(key);
  const block = new Uint8Array(blockLength);
  block.set(shortKey);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = block.map((byte) => byte ^ 0x5c);
  const innerDigest = sha256Of(kernels, [inner, ...chunks]);
  const tag = sha256Of(kernels, [outer, innerDigest]);
  for (const secret of [shortKey, block, inner, outer, innerDigest]) secret.fill(0);
  return tag;
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate += 1n) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

/** ⌊value^(1/degree)⌋, by halving the interval. */
function root(value: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = value;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}
