// The result of local work as bytes, for the participant's own disk: it is an update before anything of it was chosen, clipped or noised.

import {
  bytesOfFloats,
  bytesOfWhole,
  floats32Of,
  floats64Of,
  readSections,
  wholeOf,
  writeSections,
} from '../../canonical/sections.ts';
import { utf8Bytes, utf8Text } from '../../canonical/utf8.ts';
import type { LocalStatistics } from '../../contribution/contribution.ts';
import { MalformedMessage } from '../../errors.ts';
import type { CheckedPlan } from '../../plan/check.ts';
import { columnSumsOf } from '../../plan/column-sums.ts';
import { vectorLengthOf } from '../../plan/sums.ts';
import { isOfColumns, type Published } from '../../release/published.ts';
import type { LocalResult } from '../../training/local-training.ts';

const TITLE = 'sumus/local-result-in-the-clear/1';
const NAMES = ['kind', 'values', 'weights', 'steps', 'examples', 'units', 'meanLoss', 'accuracy', 'text'] as const;
type Name = (typeof NAMES)[number];

const nothing = new Uint8Array(0);

export function writeResult(result: LocalResult | LocalStatistics): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(result);
  return writeSections(
    TITLE,
    NAMES.map((name) => ({ name, bytes: name === 'kind' ? utf8Bytes(result.kind) : (sections[name] ?? nothing) })),
  );
}

function sectionsOf(result: LocalResult | LocalStatistics): Partial<Record<Name, Uint8Array>> {
  switch (result.kind) {
    case 'update': {
      const { update, weights, steps, examples, units, meanLoss, accuracy } = result;
      return {
        values: bytesOfFloats(update),
        weights: bytesOfFloats(weights),
        steps: bytesOfWhole(steps),
        examples: bytesOfWhole(examples),
        units: bytesOfWhole(units),
        meanLoss: bytesOfFloats(Float64Array.of(meanLoss)),
        accuracy: accuracy === undefined ? nothing : bytesOfFloats(Float64Array.of(accuracy)),
      };
    }
    case 'statistics':
      return { values: bytesOfFloats(result.values), units: bytesOfWhole(result.units) };
    case 'too few':
      return {
        units: bytesOfWhole(result.found),
        examples: bytesOfWhole(result.needed),
        text: utf8Bytes(result.countedIn),
      };
    case 'not finite':
      return { text: utf8Bytes(result.what) };
    default:
      return result satisfies never;
  }
}

/** `from`: what the work started from. */
export function readResult(plan: CheckedPlan, from: Published, bytes: Uint8Array): LocalResult | LocalStatistics {
  const parts = readSections(TITLE, bytes, NAMES);
  const part = (name: Name): Uint8Array => parts[NAMES.indexOf(name)] ?? nothing;
  const count = (name: Name): number => wholeOf(name, part(name));
  const words = utf8Text(part('text'));
  const { parameterCount } = plan.model;
  switch (utf8Text(part('kind'))) {
    case 'update':
      return {
        kind: 'update',
        update: floats32Of('update', part('values'), parameterCount),
        weights: floats32Of('weights', part('weights'), parameterCount),
        steps: count('steps'),
        examples: count('examples'),
        units: count('units'),
        meanLoss: floats64Of('meanLoss', part('meanLoss'), 1)[0] ?? 0,
        accuracy: part('accuracy').length === 0 ? undefined : floats64Of('accuracy', part('accuracy'), 1)[0],
      };
    case 'statistics':
      return {
        kind: 'statistics',
        values: floats32Of(
          'values',
          part('values'),
          isOfColumns(plan, from) ? columnSumsOf(plan) : vectorLengthOf(plan),
        ),
        units: count('units'),
      };
    case 'too few': {
      const countedIn = words === 'people' ? 'people' : 'rows';
      return { kind: 'too few', found: count('units'), needed: count('examples'), countedIn };
    }
    case 'not finite':
      return { kind: 'not finite', what: words };
    default:
      throw new MalformedMessage('these bytes are no result of local work');
  }
}
