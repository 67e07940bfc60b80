// The refusal that keeps exact decryption exact: what was found beside the message is larger than honest noise can be.

/**
 * The ciphertext was altered, belongs to another key, or holds more than its count says; nothing of it was decoded. The measured
 * noise is not told, for it depends on the key.
 */
export class NoiseAboveBound extends Error {
  override readonly name = 'NoiseAboveBound';
  readonly code = 'E_NOISE';

  constructor(what: string) {
    super(`${what}: the noise is above its bound; the ciphertext was altered, belongs to another key or sums too much`);
  }
}
