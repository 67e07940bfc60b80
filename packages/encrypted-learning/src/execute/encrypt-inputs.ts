// Encrypting a circuit's inputs: at the level the plan gives them, which is lower than the top where they are needed late, with the bound
// that the circuit declares. The bound is enforced here, by lattice: what is encrypted with it cannot exceed it by mistake.

import {
  type Ciphertext,
  type CkksContext,
  decrypt,
  encrypt,
  encryptSymmetric,
  expand,
  type PublicKey,
  type SecretKey,
  type SeededCiphertext,
} from '@sumus/lattice/ckks';
import { inputsOf } from '../circuit/circuit.ts';
import { ParameterError } from '../errors.ts';
import type { Plan } from '../parameters/plan.ts';
import { requireContext } from './keys.ts';

/** How an input is to be encrypted. */
export interface InputSlot {
  readonly level: number;
  readonly magnitude: number;
  readonly slots: number;
}

export function inputSlot(plan: Plan, name: string): InputSlot {
  const input = inputsOf(plan.circuit).find((one) => one.name === name);
  if (input === undefined) throw new ParameterError(`circuit ${plan.circuit.name} has no input ${name}`);
  return { level: plan.levels[input.at], magnitude: input.magnitude, slots: plan.circuit.slots };
}

/** With the public key, by anyone. Refuses numbers beyond the input's declared magnitude, by index. */
export function encryptInput(
  plan: Plan,
  context: CkksContext,
  key: PublicKey,
  name: string,
  values: ArrayLike<number>,
): Ciphertext {
  requireContext(plan, context);
  return encrypt(context, key, values, inputSlot(plan, name));
}

/** With the secret key, by its owner: less noise, half the bytes; `expand` makes a ciphertext of it. */
export function encryptOwnInput(
  plan: Plan,
  context: CkksContext,
  key: SecretKey,
  name: string,
  values: ArrayLike<number>,
): SeededCiphertext {
  requireContext(plan, context);
  return encryptSymmetric(context, key, values, inputSlot(plan, name));
}

/** All inputs of a record, as an executor takes them. */
export function encryptInputs(
  plan: Plan,
  context: CkksContext,
  key: { readonly publicKey: PublicKey } | { readonly secretKey: SecretKey },
  values: Readonly<Record<string, ArrayLike<number>>>,
): ReadonlyMap<string, Ciphertext> {
  return new Map(
    Object.entries(values).map(([name, numbers]) => [
      name,
      'publicKey' in key
        ? encryptInput(plan, context, key.publicKey, name, numbers)
        : expand(encryptOwnInput(plan, context, key.secretKey, name, numbers)),
    ]),
  );
}

/** The owner's view of an output. Not for anybody else's eyes: lattice ckks/decryptor.ts says why. */
export function decryptOutput(plan: Plan, secret: SecretKey, output: Ciphertext): Float64Array {
  return decrypt(secret, output, { slots: plan.circuit.slots });
}
