// Test material: primitives whose "fresh" bytes follow from a seed, an enrolment authority, and members with identities and
// certificates. Nothing of Node in here: suites that run in browsers use it too.

import { type Primitives, SecretKey } from '@sumus/platform/primitives';
import { type MemberId, memberId } from './canonical/index.ts';
import { configurationHash, type OpenContext, openContext, type RoundConfiguration } from './context/index.ts';
import { type Certificate, type CertificateFields, certify, noRevocations, type Trust } from './identity/index.ts';
import type { Signer } from './primitives.ts';
import { freshSecretKey, type SecretPrimitives, signerOf } from './secret-primitives.ts';

/** The platform's primitives, but "fresh" bytes come from a seed: every run of a test sees the same keys. */
export function seededPrimitives(platform: Primitives, seed: number): SecretPrimitives {
  const key = new Uint8Array(32).fill(seed);
  let calls = 0;
  return {
    ...platform,
    secretKeys: SecretKey,
    randomBytes: (length) => {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      const out = new Uint8Array(length);
      platform.chacha20(key, nonce, 0, out);
      return out;
    },
  };
}

export interface TestMember {
  readonly memberId: MemberId;
  readonly signer: Signer;
  readonly certificate: Certificate;
}

export const PROJECT = 'hospitals';
export const NOW_MS = 1_795_000_000_000;
const YEAR_MS = 365 * 86_400_000;

export async function freshSigner(primitives: SecretPrimitives): Promise<Signer> {
  return signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
}

export async function enrol(
  primitives: SecretPrimitives,
  authority: Signer,
  name: string,
  fields: Partial<CertificateFields> = {},
): Promise<TestMember> {
  const signer = await freshSigner(primitives);
  const certificate = await certify(authority, {
    projectId: PROJECT,
    memberId: memberId(name),
    role: 'silo',
    publicKey: signer.publicKey,
    notBeforeMs: NOW_MS - YEAR_MS,
    notAfterMs: NOW_MS + YEAR_MS,
    quotaClass: 'organisation',
    ...fields,
  });
  return { memberId: certificate.memberId, signer, certificate };
}

export interface TestProject {
  readonly primitives: SecretPrimitives;
  readonly authority: Signer;
  readonly trust: Trust;
  readonly members: readonly TestMember[];
  readonly open: OpenContext;
}

/** A project with so many silos: silo-01, silo-02, … */
export async function project(primitives: SecretPrimitives, memberCount: number): Promise<TestProject> {
  const authority = await freshSigner(primitives);
  const trust: Trust = {
    authority: authority.publicKey,
    projectId: PROJECT,
    nowMs: NOW_MS,
    revocations: noRevocations(PROJECT),
  };
  const members: TestMember[] = [];
  for (let i = 1; i <= memberCount; i++) {
    members.push(await enrol(primitives, authority, `silo-${String(i).padStart(2, '0')}`));
  }
  return { primitives, authority, trust, members, open: openAt(primitives, 1) };
}

export const CONFIGURATION: RoundConfiguration = {
  protocol: 'mask',
  vectorLength: 1000,
  wordBits: 23,
  valueBits: 16,
  clippingNorm: 1,
  quantiserScale: 32767,
  rotation: 'hadamard-15',
  supportHash: new Uint8Array(32).fill(3),
  minimumContributors: 3,
  phaseTimeoutsMs: [30_000, 30_000, 600_000, 30_000, 30_000],
  noise: 'none',
  own: { neighbours: 42, threshold: 27 },
};

export function openAt(primitives: SecretPrimitives, round: number, taskId = 'sepsis'): OpenContext {
  return openContext(primitives, {
    projectId: PROJECT,
    taskId,
    round,
    flush: 0,
    modelHash: new Uint8Array(32).fill(1),
    configHash: configurationHash(primitives, CONFIGURATION),
    policyHash: new Uint8Array(32).fill(2),
  });
}

/** The error that `act` ends with; fails when it ends well. */
export async function errorOf(
  act: () => unknown,
): Promise<Error & { readonly code?: unknown; readonly evidence?: unknown }> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The code of the error that `act` ends with. */
export const codeOf = async (act: () => unknown): Promise<unknown> => (await errorOf(act)).code;

export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(bytes);
  changed[at] = changed[at]! ^ (1 << bit);
  return changed;
}
