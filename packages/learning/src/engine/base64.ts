// The embedded modules are base64 text; `atob` and `Buffer` belong to platforms, a library may not name them.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Decodes text that our own build has written: padded, without white space. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const sextets = new Uint8Array(256);
  for (let i = 0; i < 64; i++) sextets[ALPHABET.charCodeAt(i)] = i;
  const bytes = new Uint8Array((text.length >> 2) * 3);
  for (let i = 0, at = 0; i < text.length; i += 4, at += 3) {
    let word = 0;
    for (let j = 0; j < 4; j++) word = (word << 6) | sextets[text.charCodeAt(i + j)];
    bytes[at] = word >> 16;
    bytes[at + 1] = word >> 8;
    bytes[at + 2] = word;
  }
  return bytes.subarray(0, bytes.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0));
}
