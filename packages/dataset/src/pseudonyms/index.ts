// The door of src/pseudonyms.
export { type HmacSha256, PseudonymKey, type PseudonymKeyOptions, rotation } from './pseudonyms.ts';
