// A suite fixes every primitive and every format: who changes one of them makes a new suite, and members of different suites
// derive different contexts, so nothing of one is ever taken for the other.

/**
 * Ed25519 signatures, X25519 agreement, SHA-256, HKDF, HMAC, ChaCha20 streams, ChaCha20-Poly1305 boxes. The specification's
 * AES-CTR and AES-GCM are ChaCha20 here (its point 1): one cipher that Node and browsers run with the same bytes.
 */
export const SUITE = 'x25519-ed25519-sha256-chacha20';

/**
 * The same, but boxes between members are under X25519 and ML-KEM-768 (X-Wing): what was recorded stays closed to a later quantum
 * computer. Signatures and pairwise masks are as before: who breaks X25519 later still opens the masks of recorded `mask` rounds.
 */
export const HYBRID_SUITE = 'xwing-ed25519-sha256-chacha20';

export const SUITES: readonly Suite[] = [SUITE, HYBRID_SUITE];
export type Suite = typeof SUITE | typeof HYBRID_SUITE;
