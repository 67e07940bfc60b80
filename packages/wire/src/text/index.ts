// The door `@sumus/wire/text`: UTF-8, base64, hexadecimal and JSON, without anything of a platform.
export { base64, base64url, bytesOfBase64, bytesOfBase64url } from './base64.ts';
export { bytesOfHex, hexOf } from './hexadecimal.ts';
export { JSON_BYTES_AT_MOST, jsonBytes, readJson, readJsonText } from './json.ts';
export { Utf8Reader, utf8Bytes, utf8Text } from './utf8.ts';
