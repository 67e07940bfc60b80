// What is said in threshold, in order. Everything is signed by its sender and goes through the coordinator; dealings and the keys of
// answers are boxed to one member.
//
//   founding, under the epoch's whole context
//     COMMIT     a member's commitment to its summand of the public key, and to its part of the challenge
//     REVEAL     the summand, and the hash of what it dealt to each other member
//     RECEIVED   the hash of all REVEALs, and the member's part of the challenge: everybody saw the same
//     CERTIFY    a partial decryption of a public zero: the shares fit together (lattice: certification.ts)
//     EPOCH      signature on the finished epoch; n of them are its certificate
//   a sum, under the round's open context
//     CIPHERTEXT a contribution
//     PROMISE    a member of the active set binds itself to one list of contributions and one set
//     ANSWER     its partial decryption, sealed to the set; t PROMISEs must be shown first
//     RESULT     the hash of the opened sum, and the sum
//     ALARM      the noise of a result is too large: the epoch is burnt

import type { MessageKind } from '../messages/index.ts';

/** What every caller of this room writes down: nothing here withstands an encryptor who is not what it seems. */
export const SEMI_HONEST = 'semi-honest participants';
export type SemiHonest = typeof SEMI_HONEST;

const kind = (phase: number, type: string): MessageKind => Object.freeze({ phase, type: `threshold/${type}` });

export const COMMIT: MessageKind = kind(1, 'commit');
export const REVEAL: MessageKind = kind(2, 'reveal');
export const RECEIVED: MessageKind = kind(3, 'received');
export const CERTIFY: MessageKind = kind(4, 'certify');
export const EPOCH: MessageKind = kind(5, 'epoch');
export const CIPHERTEXT: MessageKind = kind(6, 'ciphertext');
export const PROMISE: MessageKind = kind(7, 'promise');
export const ANSWER: MessageKind = kind(8, 'answer');
export const RESULT: MessageKind = kind(9, 'result');
export const ALARM: MessageKind = kind(10, 'alarm');

/** A member's number is two bytes in every message; the specification's cohorts stay below this. */
export const MEMBERS_OF_A_KEY_AT_MOST = 1024;
/** Far above the largest message of the specification's parameters (24.8 MB of ciphertexts). */
export const BODY_BYTES_AT_MOST: number = 1 << 28;
/** One polynomial and what surrounds it, at most: N = 32768 with 30 primes of 30 bits. */
export const POLYNOMIAL_BODY_BYTES_AT_MOST: number = 1 << 22;
