import { expect, it } from 'vitest';
import type { Lattice as OfCkks } from './ckks/index.ts';
import type { Lattice as OfEngine } from './engine/index.ts';
import type { Lattice as OfIntegers } from './integers/index.ts';
import type { Lattice as OfIntegerSums } from './integers/sums.ts';
import type { Lattice } from './lattice.ts';
import type { Lattice as OfOneTime } from './one-time/index.ts';
import type { Lattice as OfOneTimeSums } from './one-time/sums.ts';
import * as parameters from './parameters/index.ts';
import type { LatticePrimitives as OfRandom } from './random/index.ts';
import * as random from './random/index.ts';
import * as ring from './ring/index.ts';
import type { Lattice as OfSharedKeys } from './shared-keys/index.ts';
import * as sharedKeys from './shared-keys/index.ts';
import type { Lattice as OfWire } from './wire/index.ts';
import * as wire from './wire/index.ts';
import type { Lattice as OfSecrets } from './wire/secrets.ts';
import type { Lattice as OfWireSums } from './wire/sums.ts';

// What one finds behind each door without looking behind another. Types are checked by the compiler: this file must compile.

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Doors = [
  Same<Lattice, OfCkks>,
  Same<Lattice, OfEngine>,
  Same<Lattice, OfIntegers>,
  Same<Lattice, OfIntegerSums>,
  Same<Lattice, OfOneTime>,
  Same<Lattice, OfOneTimeSums>,
  Same<Lattice, OfSharedKeys>,
  Same<Lattice, OfWire>,
  Same<Lattice, OfSecrets>,
  Same<Lattice, OfWireSums>,
  Same<Lattice['primitives'], OfRandom>,
];

it('every door that takes a Lattice exports its type', () => {
  const doors: Doors = [true, true, true, true, true, true, true, true, true, true, true];
  expect(doors.every((same) => same)).toBe(true);
});

it.each<[string, object, readonly string[]]>([
  [
    'parameters',
    parameters,
    ['ckksParameters', 'integerParameters', 'oneTimeParameters', 'sharedIntegerParameters', 'sharedCkksParameters'],
  ],
  ['random', random, ['RandomStream', 'uniformPolynomial', 'smallPolynomial', 'smudgingPolynomial', 'expandUniform']],
  ['ring', ring, ['extendBasis', 'rescale', 'multiplyAdd', 'innerProduct']],
  ['shared-keys', sharedKeys, ['switchVectorToReceiver', 'switchVector']],
  ['wire', wire, ['encodeGaloisKeys', 'decodeGaloisKeys']],
])('the door to %s has what its users need', (_, door, names) => {
  expect(Object.keys(door)).toEqual(expect.arrayContaining([...names]));
});
