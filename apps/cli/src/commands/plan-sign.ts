// sumus plan sign: a plan with its owner's signature, which is what participants are offered and what their policies ask for. The key is an
// Ed25519 key in PEM (PKCS #8), as `openssl genpkey -algorithm ed25519` writes it; --new-key makes one that its owner alone may read.
// The key is held for as long as the signature takes, and never printed.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { planId, problemLines, readPlanFile, signPlan } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { Signer } from '@sumus/secure-sum/primitives';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import type { Command } from 'commander';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { readText } from './text-file.ts';

export interface PlanSignOptions {
  readonly key: string;
  readonly newKey?: true;
  readonly out: string;
  readonly json?: true;
}

export function declarePlanSign(group: Command): void {
  group
    .command('sign')
    .description('sign a plan as its owner: what participants are offered, and what their policies ask for')
    .argument('<file>', 'a plan: JSON')
    .requiredOption('--key <file>', "the owner's Ed25519 key: PEM, PKCS #8")
    .option('--new-key', 'make the key first; the file must not be there yet')
    .requiredOption('-o, --out <file>', 'where the signed plan goes')
    .option('--json', 'one JSON object on one line')
    .addHelpText('after', '\nExample:\n  sumus plan sign plan.json --key owner.pem --new-key --out signed.json\n')
    .action((file: string, options: PlanSignOptions) => signPlanFile(file, options));
}

export async function signPlanFile(path: string, options: PlanSignOptions): Promise<void> {
  const { out, json } = options;
  const read = readPlanFile(readText(path));
  if (read.kind === 'invalid') {
    const problems = problemLines(read.problems);
    if (json) printJson({ valid: false, problems });
    else for (const line of problems) process.stdout.write(`${line}\n`);
    throw new BadNews('the plan cannot be run');
  }
  if (existsSync(out)) throw new UsageError(`${out} is there already; choose another name`);
  const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
  const key = secretKeyOf(keyIn(options), options.key);
  const signer = await signerOf(primitives, key);
  const { plan, speed } = read.file;
  const { id, signedBy, signature } = await signPlan(primitives, signer, plan);
  key.wipe();
  const knobs = Object.keys(speed).length === 0 ? {} : { speed };
  writeFileSync(out, `${JSON.stringify({ id, signedBy, signature, ...knobs, plan }, null, 2)}\n`, { flag: 'wx' });
  if (json) printJson({ file: out, id: planId(primitives, plan), signedBy });
  else process.stdout.write(`${out}: plan ${id}\nsigned by ${signedBy}\n`);
}

/** The key of a file as a signer, for as long as the command runs. */
export async function signerIn({ key }: Pick<PlanSignOptions, 'key'>): Promise<Signer> {
  const secret = secretKeyOf(keyIn({ key }), key);
  return signerOf({ ...nodePrimitives(), secretKeys: SecretKey }, secret);
}

function keyIn({ key, newKey }: Pick<PlanSignOptions, 'key' | 'newKey'>): KeyObject {
  if (newKey) {
    if (existsSync(key)) throw new UsageError(`${key} is there already: leave --new-key out to sign with it`);
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
    return privateKey;
  }
  if (!existsSync(key)) throw new UsageError(`there is no ${key}: --new-key makes one`);
  try {
    return createPrivateKey(readFileSync(key));
  } catch (cause) {
    // What is wrong with it may quote it.
    throw new UsageError(`${key} is no private key in PEM`, { cause });
  }
}

function secretKeyOf(key: KeyObject, path: string): SecretKey<'ed25519'> {
  const kind = key.asymmetricKeyType;
  if (kind !== 'ed25519')
    throw new UsageError(`${path} is a key for ${kind ?? 'nothing'}, and plans are signed by Ed25519`);
  const encoded = key.export({ type: 'pkcs8', format: 'der' });
  // RFC 8410: the 32 bytes are the last of the 48.
  const secret = SecretKey.fromBytes('ed25519', Uint8Array.from(encoded.subarray(-32)));
  encoded.fill(0);
  return secret;
}
