// The parameters of a shared key on their way from the owner's command, which computes them beside keys, to a server, which may not. Public
// numbers; JSON, but for the plaintext's modulus (longer than a number of JSON: its digits) and bytes (hexadecimal).

import type { sums } from '@sumus/federation/coordinator';
import {
  flag,
  hexadecimal,
  list,
  number,
  object,
  oneOf,
  orNull,
  record,
  type Shape,
  tagged,
  text,
  whole,
} from '../shape/shape.ts';
import { bytesOfHex, hexOf } from '../text/hexadecimal.ts';
import { milliseconds } from './names.ts';

type ThresholdKey = sums.ThresholdKey;
type Integers = ThresholdKey['integers'];
type Distribution = Integers['error'];
type Flooding = NonNullable<Integers['flooding']>;

interface IntegersText extends Omit<Integers, 'plaintextModulus' | 'flooding' | 'toString'> {
  readonly plaintextModulus: string;
  readonly flooding: Flooding | null;
}

type OwnText =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: string };

/** As it stands in JSON. */
export interface ThresholdKeyText {
  readonly integers: IntegersText;
  readonly proposal: ThresholdKey['proposal'];
  readonly sums: number;
  readonly endsAtMs: number;
  readonly own: Readonly<Record<string, OwnText>>;
}

const size: Shape<number> = whole(0, 2 ** 31 - 1);

const distribution: Shape<Distribution> = tagged<Distribution, 'kind'>('kind', {
  ternary: object<Extract<Distribution, { kind: 'ternary' }>>({ kind: oneOf('ternary') }),
  centredBinomial: object<Extract<Distribution, { kind: 'centredBinomial' }>>({
    kind: oneOf('centredBinomial'),
    eta: whole(1, 64),
  }),
  discreteGaussian: object<Extract<Distribution, { kind: 'discreteGaussian' }>>({
    kind: oneOf('discreteGaussian'),
    stddev: number,
  }),
});

const integers: Shape<IntegersText> = object<IntegersText>({
  kind: oneOf('integers'),
  secure: flag,
  degree: whole(1, 2 ** 17),
  primes: list(whole(2, 2 ** 31 - 1), 64),
  modulusBits: number,
  polynomialBits: size,
  plaintext: oneOf('lanes', 'modular'),
  signed: flag,
  lowest: whole(-(2 ** 53 - 1), 2 ** 53 - 1),
  highest: whole(-(2 ** 53 - 1), 2 ** 53 - 1),
  lanes: size,
  laneBits: size,
  valuesPerCiphertext: size,
  plaintextModulus: text({ atLeast: 1, atMost: 400, pattern: { source: '^[1-9][0-9]*$', means: 'digits' } }),
  plaintextBits: number,
  additions: size,
  key: oneOf('public', 'symmetric'),
  keyParties: size,
  secret: distribution,
  error: distribution,
  flooding: orNull(object<Flooding>({ stddev: number, shares: size })),
  freshNoiseStddev: number,
  freshNoiseBound: number,
  floodingBound: number,
  failureLog2: number,
  description: text({ atLeast: 1, atMost: 4000 }),
});

const own: Shape<OwnText> = tagged<OwnText, 'kind'>('kind', {
  number: object<Extract<OwnText, { kind: 'number' }>>({ kind: oneOf('number'), value: number }),
  text: object<Extract<OwnText, { kind: 'text' }>>({ kind: oneOf('text'), value: text({ atMost: 4000 }) }),
  bytes: object<Extract<OwnText, { kind: 'bytes' }>>({ kind: oneOf('bytes'), value: hexadecimal(0, 4096) }),
});

export const thresholdKeyText: Shape<ThresholdKeyText> = object<ThresholdKeyText>({
  integers,
  proposal: object<ThresholdKey['proposal']>({
    protocol: oneOf('threshold'),
    members: size,
    corruptMembers: size,
    threshold: size,
    minimumContributors: size,
    maximumContributors: size,
    wordBits: size,
    valueBits: size,
    vectorLength: size,
  }),
  sums: size,
  endsAtMs: milliseconds,
  own: record(own, 64),
});

export function writeThresholdKey({
  integers: from,
  proposal,
  sums,
  endsAtMs,
  own: values,
}: ThresholdKey): ThresholdKeyText {
  const { plaintextModulus, flooding, toString: _text, ...numbers } = from;
  return {
    integers: { ...numbers, plaintextModulus: String(plaintextModulus), flooding: flooding ?? null },
    proposal,
    sums,
    endsAtMs,
    own: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, ownText(value)])),
  };
}

const ownText = (value: number | string | Uint8Array): OwnText => {
  if (typeof value === 'number') return { kind: 'number', value };
  return typeof value === 'string' ? { kind: 'text', value } : { kind: 'bytes', value: hexOf(value) };
};

export function readThresholdKey({
  integers: from,
  proposal,
  sums,
  endsAtMs,
  own: values,
}: ThresholdKeyText): ThresholdKey {
  const { description } = from;
  return Object.freeze({
    integers: Object.freeze({
      ...from,
      plaintextModulus: BigInt(from.plaintextModulus),
      flooding: from.flooding ?? undefined,
      toString: () => description,
    }),
    proposal,
    sums,
    endsAtMs,
    own: Object.freeze(
      Object.fromEntries(
        Object.entries(values).map(([name, one]) => [name, one.kind === 'bytes' ? bytesOfHex(one.value) : one.value]),
      ),
    ),
  });
}
