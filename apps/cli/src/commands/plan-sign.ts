// sumus plan sign: a plan with its owner's signature, which is what participants are offered and what their policies ask for. The key is an
// Ed25519 key in PEM (PKCS #8), as `openssl genpkey -algorithm ed25519` writes it; --new-key makes one that its owner alone may read.
// The key is held for as long as the signature takes, and never printed.
import { existsSync, writeFileSync } from 'node:fs';
import { planId, problemLines, readPlanFile, signPlan } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import type { SecretKey } from '@sumus/platform/primitives';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { Command } from 'commander';
import { BadNews, UsageError } from '../command.ts';
import { keyInFile, newKeyFile, signerWith } from '../key-file.ts';
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
  const primitives = nodePrimitives();
  const key = keyFor(options);
  const signer = await signerWith(key);
  const { plan, speed } = read.file;
  const { id, signedBy, signature } = await signPlan(primitives, signer, plan);
  key.wipe();
  const knobs = Object.keys(speed).length === 0 ? {} : { speed };
  writeFileSync(out, `${JSON.stringify({ id, signedBy, signature, ...knobs, plan }, null, 2)}\n`, { flag: 'wx' });
  if (json) printJson({ file: out, id: planId(primitives, plan), signedBy });
  else process.stdout.write(`${out}: plan ${id}\nsigned by ${signedBy}\n`);
}

/** The key of a file as a signer, for as long as the command runs. */
export const signerIn = ({ key }: Pick<PlanSignOptions, 'key'>): Promise<Signer> => signerWith(keyInFile(key));

function keyFor({ key, newKey }: Pick<PlanSignOptions, 'key' | 'newKey'>): SecretKey<'ed25519'> {
  if (!newKey) return keyInFile(key);
  if (existsSync(key)) throw new UsageError(`${key} is there already: leave --new-key out to sign with it`);
  return newKeyFile(key);
}
