// Zip archives, as far as NPZ uses them (APPNOTE 6.3: stored and deflated entries, no encryption, zip64 sizes). What the directory
// says is a claim: sizes are bounded before anything is unpacked, an entry that unpacks to another size or checksum is refused, and
// entries that lie on top of each other (Fifield 2019) are refused before the first byte is unpacked.
import { MalformedData } from '../errors.ts';
import { decodeUtf8 } from '../text/utf8.ts';
import { crc32, inflateBounded } from './inflate.ts';

export interface ZipEntry {
  readonly name: string;
  /** What it claims to unpack to. */
  readonly sizeBytes: number;
  unpack(): Uint8Array;
}

export interface ZipLimits {
  readonly entries: number;
  /** Of all entries together. */
  readonly unpackedBytes: number;
}

export const usualZipLimits: ZipLimits = { entries: 1 << 12, unpackedBytes: 2 ** 31 };

interface Claim {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly offset: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const end64LocatorSignature = 0x07064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;

const refuse = (reason: string): never => {
  throw new MalformedData(`zip archive: ${reason}`);
};

export function readZip(bytes: Uint8Array, limits: ZipLimits = usualZipLimits): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claims = readDirectory(bytes, view, limits);
  const total = claims.reduce((sum, claim) => sum + claim.unpacked, 0);
  if (total > limits.unpackedBytes)
    refuse(`claims to unpack to ${total} bytes, at most ${limits.unpackedBytes} are allowed`);
  const located = claims.map((claim) => ({ claim, data: dataOf(bytes, view, claim) }));
  const sorted = [...located].sort((a, b) => a.claim.offset - b.claim.offset);
  for (let at = 1; at < sorted.length; at += 1) {
    if (sorted[at].claim.offset < sorted[at - 1].data.end) refuse('two entries lie on top of each other');
  }
  return located.map(({ claim, data }) => ({
    name: claim.name,
    sizeBytes: claim.unpacked,
    unpack: () => unpack(claim, bytes.subarray(data.start, data.end)),
  }));
}

function unpack(claim: Claim, packed: Uint8Array): Uint8Array {
  if (claim.method !== 0 && claim.method !== 8) refuse(`entry ${claim.name} uses compression method ${claim.method}`);
  const unpacked = claim.method === 0 ? packed.slice() : inflateBounded(packed, 'deflate', claim.unpacked);
  if (unpacked.length !== claim.unpacked) {
    refuse(`entry ${claim.name} claims ${claim.unpacked} bytes and has ${unpacked.length}`);
  }
  if (crc32(unpacked) !== claim.crc) refuse(`entry ${claim.name} does not match its checksum`);
  return unpacked;
}

function readDirectory(bytes: Uint8Array, view: DataView, limits: ZipLimits): Claim[] {
  const end = findEnd(bytes, view);
  let count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (end >= 20 && view.getUint32(end - 20, true) === end64LocatorSignature) {
    const end64 = Number(view.getBigUint64(end - 12, true));
    if (!(end64 + 56 <= bytes.length) || view.getUint32(end64, true) !== end64Signature)
      refuse('its zip64 end is not there');
    count = Number(view.getBigUint64(end64 + 32, true));
    at = Number(view.getBigUint64(end64 + 48, true));
  }
  if (count > limits.entries) refuse(`claims ${count} entries, at most ${limits.entries} are allowed`);
  const claims: Claim[] = [];
  for (let entry = 0; entry < count; entry += 1) {
    if (!(at + 46 <= bytes.length) || view.getUint32(at, true) !== directorySignature)
      refuse('its directory is cut off');
    const nameSize = view.getUint16(at + 28, true);
    const extraSize = view.getUint16(at + 30, true);
    const next = at + 46 + nameSize + extraSize + view.getUint16(at + 32, true);
    if (next > bytes.length) refuse('its directory is cut off');
    const name = decodeUtf8(bytes, at + 46, at + 46 + nameSize) ?? refuse('a name is no UTF-8');
    const claim = {
      name,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if ((claim.flags & 1) !== 0) refuse(`entry ${name} is encrypted`);
    claims.push(widened(claim, view, at + 46 + nameSize, extraSize));
    at = next;
  }
  return claims;
}

/** Sizes of all ones stand in the zip64 extra field instead, in the order unpacked, packed, offset. */
function widened(claim: Claim, view: DataView, extraAt: number, extraSize: number): Claim {
  const full = 0xffffffff;
  if (claim.unpacked !== full && claim.packed !== full && claim.offset !== full) return claim;
  for (let at = extraAt; at + 4 <= extraAt + extraSize; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    const stop = Math.min(field + view.getUint16(at + 2, true), extraAt + extraSize);
    const next = (value: number): number => {
      if (value !== full) return value;
      if (field + 8 > stop) return refuse(`entry ${claim.name} lacks a zip64 size`);
      field += 8;
      return Number(view.getBigUint64(field - 8, true));
    };
    return { ...claim, unpacked: next(claim.unpacked), packed: next(claim.packed), offset: next(claim.offset) };
  }
  return refuse(`entry ${claim.name} lacks its zip64 sizes`);
}

/** The end record is the last one whose comment reaches exactly to the end of the file. */
function findEnd(bytes: Uint8Array, view: DataView): number {
  const earliest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= earliest; at -= 1) {
    if (view.getUint32(at, true) === endSignature && at + 22 + view.getUint16(at + 20, true) === bytes.length)
      return at;
  }
  return refuse('has no end record: it is no zip file, or cut off');
}

function dataOf(bytes: Uint8Array, view: DataView, claim: Claim): { start: number; end: number } {
  if (!(claim.offset + 30 <= bytes.length) || view.getUint32(claim.offset, true) !== localSignature) {
    refuse(`entry ${claim.name} is not where the directory says`);
  }
  const start = claim.offset + 30 + view.getUint16(claim.offset + 26, true) + view.getUint16(claim.offset + 28, true);
  const end = start + claim.packed;
  if (!(end <= bytes.length)) refuse(`entry ${claim.name} reaches beyond the file`);
  return { start, end };
}
