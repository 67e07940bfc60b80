// The offer of a prediction as a file, and the model behind it: what every command of sumus encrypted starts from.
import { readFileSync } from 'node:fs';
import { type Plan, plan, planFor } from '@sumus/encrypted-learning/parameters';
import {
  boundedNetwork,
  type ExamplesPacking,
  type FeaturesPacking,
  offeredParameters,
  offerText,
  type PredictionOffer,
  packExamples,
  packOneExample,
  parseOffer,
  polynomialNetwork,
  precisionBitsFor,
  predictionOffer,
} from '@sumus/encrypted-learning/prediction';
import { type CkksContext, ckksContext } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { UsageError } from '../command.ts';
import { readModel } from './model-file.ts';

export type PackingKind = 'examples' | 'features';
type Packing = ExamplesPacking | FeaturesPacking;

export interface Offered {
  readonly offer: PredictionOffer;
  /** SHA-256 of its canonical text, in hex. */
  readonly identity: string;
}

export interface Planned {
  readonly plan: Plan;
  readonly packing: Packing;
}

/** Encryption is by the owner of the secret key. */
const ENCRYPTED_WITH = 'secret key';

export function readOffer(path: string): Offered {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const offer = asUsage(() => parseOffer(text));
  return { offer, identity: identityOf(offer) };
}

export function identityOf(offer: PredictionOffer): string {
  return Buffer.from(nodePrimitives().sha256(new TextEncoder().encode(offerText(offer)))).toString('hex');
}

export async function contextOf(offer: PredictionOffer): Promise<CkksContext> {
  const parameters = asUsage(() => offeredParameters(offer));
  return ckksContext({ engine: await wasmEngine(), primitives: nodePrimitives() }, parameters);
}

export interface PlanningOptions {
  readonly packing: PackingKind;
  readonly inputMagnitude: number;
  /** Deviation of the outputs' error, in the model's own units. */
  readonly outputError: number;
}

/** What a model needs: chosen from its circuit. */
export function planModel(path: string, options: PlanningOptions): Planned {
  return asUsage(() => {
    const { model, weights } = readModel(path);
    const network = boundedNetwork(polynomialNetwork(model, weights), options.inputMagnitude);
    const requirements = {
      encryptedWith: ENCRYPTED_WITH,
      precisionBits: precisionBitsFor(network, options.outputError),
      noise: 'typical',
    } as const;
    if (options.packing === 'features') {
      const packing = packOneExample(network);
      return { plan: planFor(packing.circuit, requirements), packing };
    }
    const found = planFor((slots) => packExamples(network, { slots }).circuit, requirements);
    const packing = { ...packExamples(network, { slots: found.circuit.slots }), circuit: found.circuit };
    return { plan: found, packing };
  });
}

/** The plan that an offer was made of; refuses a model that makes another. */
export function planOffered(path: string, { offer, identity }: Offered): Planned {
  return asUsage(() => {
    const { model, weights } = readModel(path);
    const network = boundedNetwork(polynomialNetwork(model, weights), offer.inputMagnitude);
    const packing: Packing =
      offer.packing.kind === 'features' ? packOneExample(network) : packExamples(network, { slots: offer.slots });
    const planned = plan(packing.circuit, offeredParameters(offer), { encryptedWith: ENCRYPTED_WITH });
    if (identityOf(predictionOffer(planned, packing)) !== identity) {
      throw new UsageError(`the offer was not made for ${path}`);
    }
    return { plan: planned, packing };
  });
}

/** What a library refuses of what was handed in was typed wrongly. */
export function asUsage<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw usageOf(cause);
  }
}

const OF_THE_CALLER: readonly unknown[] = ['E_PARAMETER', 'E_MALFORMED'];

export function usageOf(cause: unknown): unknown {
  const isOurs = cause instanceof Error && 'code' in cause && OF_THE_CALLER.includes(cause.code);
  return isOurs ? new UsageError(cause.message, { cause }) : cause;
}
