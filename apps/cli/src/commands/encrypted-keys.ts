// sumus encrypted keygen: the owner of the data makes a secret key, which stays, and evaluation keys, which travel.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationKeys } from '@sumus/encrypted-learning/execute';
import { type CkksContext, type GaloisKey, galoisKeys, relinearisationKey, secretKey } from '@sumus/lattice/ckks';
import {
  decodeGaloisKey,
  decodeRelinearisationKey,
  encodeGaloisKey,
  encodeRelinearisationKey,
} from '@sumus/lattice/wire';
import { printColumns, printJson } from '../print.ts';
import { EncryptedReader, EncryptedWriter } from './encrypted-file.ts';
import { asUsage, contextOf, readOffer } from './encrypted-offer.ts';
import { newKeyName, passphraseFrom, writeSecretKey } from './encrypted-secret.ts';

export interface KeygenOptions {
  readonly offer: string;
  readonly out: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

const RELINEARISATION = 'relinearisation key';

/** What keys are made for: an offer's or a training's parameters and rotations. */
export interface KeyRequest {
  readonly identity: string;
  readonly context: CkksContext;
  readonly relinearisation: boolean;
  readonly rotations: readonly number[];
}

export async function makeKeys(options: KeygenOptions): Promise<void> {
  const { offer, identity } = readOffer(options.offer);
  const { relinearisation, rotations } = offer;
  makeKeysFor({ identity, context: await contextOf(offer), relinearisation, rotations }, options);
}

export function makeKeysFor(request: KeyRequest, options: KeygenOptions): void {
  const { identity, context } = request;
  const passphrase = passphraseFrom(options.passphraseFile);
  mkdirSync(options.out, { recursive: true });
  const [secretPath, keysPath] = ['secret.key', 'evaluation.keys'].map((name) => join(options.out, name));
  if (secretPath === undefined || keysPath === undefined) return;
  const name = newKeyName(identity);
  const secret = secretKey(context);
  try {
    writeSecretKey(secretPath, name, context, secret, passphrase);
    const { lattice, parameters } = context;
    const file = new EncryptedWriter(keysPath, { holds: 'evaluation keys', for: identity, key: name.key });
    try {
      if (request.relinearisation) {
        file.record(
          RELINEARISATION,
          encodeRelinearisationKey(lattice, parameters, relinearisationKey(context, secret)),
        );
      }
      // One after another: all of them together can be larger than memory.
      for (const steps of request.rotations) {
        for (const [element, key] of galoisKeys(context, secret, { rotations: [steps] })) {
          file.record(`rotation ${element}`, encodeGaloisKey(lattice, parameters, key));
        }
      }
    } finally {
      file.close();
    }
  } finally {
    secret.wipe();
  }
  const bytes = statSync(keysPath).size;
  const isProtected = passphrase !== undefined;
  if (options.json) {
    printJson({ secretKey: secretPath, protected: isProtected, evaluationKeys: keysPath, evaluationKeyBytes: bytes });
    return;
  }
  printColumns([
    [secretPath, isProtected ? 'secret, under the passphrase' : 'SECRET, not under a passphrase (--passphrase-file)'],
    [keysPath, `for whoever computes, ${(bytes / 1e6).toFixed(1)} MB`],
  ]);
  process.stdout.write(`${String(context)}\n`);
}

export function readEvaluationKeys(
  path: string,
  identity: string,
  { lattice, parameters }: CkksContext,
  /** Of the ciphertexts that they are for. */
  of: string,
): EvaluationKeys {
  const file = new EncryptedReader(path, 'evaluation keys');
  try {
    file.requireFor(identity);
    file.requireKey(of);
    return asUsage(() => {
      const galois = new Map<number, GaloisKey>();
      for (const name of file.names) {
        if (name === RELINEARISATION) continue;
        const key = decodeGaloisKey(lattice, parameters, file.message(name));
        galois.set(key.element, key);
      }
      if (!file.names.includes(RELINEARISATION)) return { galois };
      return { galois, relinearisation: decodeRelinearisationKey(lattice, parameters, file.message(RELINEARISATION)) };
    });
  } finally {
    file.close();
  }
}
