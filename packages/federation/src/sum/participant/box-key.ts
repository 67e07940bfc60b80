// What a participant announces under one-shot and threshold: one fresh key, for boxes between it and members of a committee or of a key.

import { advertise, encodeEntry } from '@sumus/secure-sum/roster';
import { agreementOf, freshSecretKey, type SecretKey } from '@sumus/secure-sum/secret-primitives';
import type { Drawn } from '../drawn.ts';
import { decodeList, encodeList } from '../frame.ts';
import type { SecretBeginning } from './preparing.ts';
import type { SecretStanding } from './standing.ts';
import type { ProtocolStep, SumEnvironment } from './state.ts';

/** A protocol that begins with roster, beacon and the key that was announced. */
export type BeginWithKey = (
  env: SumEnvironment,
  standing: SecretStanding,
  drawn: Drawn,
  secretBoxKey: SecretKey<'x25519'>,
  nowMs: number,
) => Promise<ProtocolStep>;

export async function announceBoxKey(env: SumEnvironment, begin: BeginWithKey): Promise<SecretBeginning> {
  const { primitives, signer, certificate } = env.setup;
  const secretBoxKey = freshSecretKey(primitives, 'x25519');
  const { publicKey } = await agreementOf(primitives, secretBoxKey);
  const advertisement = await advertise(primitives, signer, env.open, { certificate, keys: [publicKey] });
  return keyed(env, begin, secretBoxKey, encodeEntry({ certificate, advertisement }));
}

export async function restoreBoxKey(
  env: SumEnvironment,
  stored: Uint8Array,
  begin: BeginWithKey,
): Promise<SecretBeginning> {
  const [key = new Uint8Array(0), entry = new Uint8Array(0)] = decodeList(stored, 'an announced key', 2);
  return keyed(env, begin, env.setup.primitives.secretKeys.fromBytes('x25519', key), entry.slice());
}

const keyed = (
  env: SumEnvironment,
  begin: BeginWithKey,
  secretBoxKey: SecretKey<'x25519'>,
  entry: Uint8Array,
): SecretBeginning =>
  Object.freeze<SecretBeginning>({
    entry,
    begin: (standing, drawn, nowMs) => begin(env, standing, drawn, secretBoxKey, nowMs),
    wipe: () => secretBoxKey.wipe(),
    storeInTheClear: () => {
      const key = secretBoxKey.expose();
      const stored = encodeList(key, entry);
      key.fill(0);
      return stored;
    },
  });
