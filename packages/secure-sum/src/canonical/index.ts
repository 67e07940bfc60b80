// One way to write a value as bytes, and a reader that trusts nothing.
export { delimited, hexOf, sameBytes, u32Bytes, u64Bytes } from './delimited.ts';
export { asciiBytes, compareNames, isName, type MemberId, memberId, NAME_BYTES_AT_MOST, requireName } from './names.ts';
export { CanonicalReader } from './reader.ts';
export { CanonicalWriter } from './writer.ts';
