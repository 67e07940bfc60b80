// The one key that a server has: its coordinator's, which signs messages, published sums and the ledger. It lies in a file of its own, for its
// owner's eyes only. No key that could vouch for a participant or sign a plan is taken: a file that says it is another kind of key is refused
// by name, and a run whose authority or owner has this very key is refused when it is created (http/owner-routes.ts).

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { KeyAgreement, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { ParameterError } from '../store/errors.ts';

const LABEL = 'sumus coordinator key';

export function coordinatorSigner(file: string): Signer {
  if (!existsSync(file)) makeKey(file);
  const text = readFileSync(file, 'utf8');
  const [first = ''] = text.split('\n');
  if (first !== LABEL) {
    throw new ParameterError(
      `${file} is no coordinator's key. A server is handed no other: an owner's or an enrolment authority's key stays with the owner's command`,
    );
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new ParameterError(`${file} can be read by others: chmod 600 ${file}`);
  }
  return signerOf(createPrivateKey(text.slice(first.length + 1)), file);
}

function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${LABEL}\n${privateKey.export({ type: 'pkcs8', format: 'pem' })}`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

function signerOf(key: KeyObject, file: string): Signer {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new ParameterError(`${file} is a key of ${key.asymmetricKeyType}, not of Ed25519`);
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey = new Uint8Array(Buffer.from(x, 'base64url'));
  return Object.freeze({ publicKey, sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, key)) });
}

/** Of secure-sum's mask: a one-time key that members revealed of somebody who is gone, so that its masks can be taken out. */
export async function revealedKey(bytes: Uint8Array): Promise<KeyAgreement> {
  const { x25519 } = platform;
  const key = SecretKey.fromBytes('x25519', bytes);
  const publicKey = await x25519.derivePublicKey(key);
  return Object.freeze({ publicKey, agree: (peer: Uint8Array) => x25519.diffieHellman(key, peer) });
}

const platform: ReturnType<typeof nodePrimitives> = nodePrimitives();
/** The part of the platform that a server uses: nothing in it holds a key. */
export const serverPrimitives: PublicPrimitives & Pick<ReturnType<typeof nodePrimitives>, 'randomBytes'> = platform;
