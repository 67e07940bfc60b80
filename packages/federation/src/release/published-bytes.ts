// What was published as bytes: the blob of a model, and what a model's hash is of. Canonical, so that everybody who computed the same release
// names it alike, and read back against the plan, which says how long every part is.

import type { Hashing } from '@sumus/secure-sum/primitives';
import {
  bytesOfFloats,
  bytesOfWhole,
  floats32Of,
  floats64Of,
  readSections,
  type Section,
  wholeOf,
  writeSections,
} from '../canonical/sections.ts';
import { MalformedMessage } from '../errors.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { columnSumsOf, sumsBeforeRounds } from '../plan/column-sums.ts';
import type { OneRound } from '../plan/plan.ts';
import { type Published, type PublishedModel, type PublishedStatistics, startPublished } from './published.ts';

const TITLE = 'sumus/published/1';

/** SHA-256 of bytesOfPublished: how events, contexts and receipts name a model. */
export const publishedHash = (primitives: Hashing, published: Published): Uint8Array<ArrayBuffer> =>
  primitives.sha256(bytesOfPublished(published));

export const bytesOfPublished = (published: Published): Uint8Array<ArrayBuffer> =>
  writeSections(TITLE, published.kind === 'model' ? sectionsOfModel(published) : sectionsOfStatistics(published));

/** What the plan does not have is empty. */
const sectionsOfModel = ({
  version,
  server,
  sharedControl,
  statistics,
  guide,
  columnSums,
}: PublishedModel): Section[] => [
  { name: 'version', bytes: bytesOfWhole(version) },
  { name: 'weights', bytes: bytesOfFloats(server.weights) },
  { name: 'first', bytes: bytesOfFloats(server.first) },
  { name: 'second', bytes: bytesOfFloats(server.second) },
  { name: 'control', bytes: bytesOfFloats(sharedControl ?? NONE) },
  { name: 'activity', bytes: bytesOfFloats(statistics?.activity ?? new Float64Array(0)) },
  { name: 'rounds', bytes: bytesOfWhole(statistics?.rounds ?? 0) },
  { name: 'guide', bytes: bytesOfFloats(guide?.magnitudes ?? NONE) },
  ...sectionOfColumns(columnSums),
];

const NONE = new Float32Array(0);

/** None where the plan has none: other plans' bytes know nothing of it. */
const sectionOfColumns = (sums: Float64Array | undefined): Section[] =>
  sums === undefined ? [] : [{ name: 'columns', bytes: bytesOfFloats(sums) }];

const sectionsOfStatistics = ({ version, classifier, columnSums }: PublishedStatistics): Section[] => [
  { name: 'version', bytes: bytesOfWhole(version) },
  { name: 'classifier', bytes: bytesOfFloats(classifier?.weights ?? new Float64Array(0)) },
  ...sectionOfColumns(columnSums),
];

/** Refuses everything that bytesOfPublished would not have written of a run of this plan. */
export function publishedFromBytes(plan: CheckedPlan, bytes: Uint8Array): Published {
  const { exchange, model } = plan;
  if (exchange.schedule === 'one-round') return statisticsFrom(plan, exchange, bytes);
  const like = startPublished(plan, new Float32Array(model.parameterCount));
  if (like.kind !== 'model') throw new MalformedMessage('these are bytes of a model, and the plan has none');
  return modelFrom(plan, like, bytes);
}

function statisticsFrom(
  plan: CheckedPlan,
  { featureCount, classes }: OneRound,
  bytes: Uint8Array,
): PublishedStatistics {
  const before = sumsBeforeRounds(plan);
  const names = before === 0 ? ['version', 'classifier'] : ['version', 'classifier', 'columns'];
  const [version = nothing, weights = nothing, columns = nothing] = readSections(TITLE, bytes, names);
  const found = wholeOf('version', version);
  if (found > before + 1) throw new MalformedMessage(`version ${found} of a plan of one round`);
  const hasClassifier = found === before + 1;
  const classifier = {
    featureCount,
    classes,
    weights: floats64Of('classifier', weights, hasClassifier ? featureCount * classes : 0),
  };
  return Object.freeze({
    kind: 'statistics',
    version: found,
    classifier: hasClassifier ? classifier : undefined,
    ...columnsFrom(plan, columns),
  });
}

const nothing = new Uint8Array(0);

function columnsFrom(plan: CheckedPlan, bytes: Uint8Array): { readonly columnSums?: Float64Array } {
  const length = columnSumsOf(plan);
  return length === 0 ? {} : { columnSums: floats64Of('columns', bytes, bytes.length === 0 ? 0 : length) };
}

/** `like`: a value of the same plan, whose lengths those of the bytes are. */
function modelFrom(plan: CheckedPlan, like: PublishedModel, bytes: Uint8Array): PublishedModel {
  const names = sectionsOfModel(like).map(({ name }) => name);
  const sections = new Map(readSections(TITLE, bytes, names).map((section, i) => [names[i], section]));
  const section = (name: string): Uint8Array => sections.get(name) ?? new Uint8Array(0);
  const single = (name: string, { length }: Float32Array): Float32Array => floats32Of(name, section(name), length);
  const double = (name: string, { length }: Float64Array): Float64Array => floats64Of(name, section(name), length);
  const { server, sharedControl, statistics, guide } = like;
  const model: PublishedModel = {
    kind: 'model',
    version: wholeOf('version', section('version')),
    server: {
      weights: single('weights', server.weights),
      first: double('first', server.first),
      second: double('second', server.second),
    },
    sharedControl: sharedControl && single('control', sharedControl),
    statistics: statistics && {
      activity: notNegative('activity', double('activity', statistics.activity)),
      rounds: wholeOf('rounds', section('rounds')),
    },
    guide: guide && { ...guide, magnitudes: notNegative('guide', single('guide', guide.magnitudes)) },
    ...columnsFrom(plan, section('columns')),
  };
  // What the plan does not have must be as it is written then: empty.
  if (bytesOfPublished(model).length !== bytes.length || (!statistics && wholeOf('rounds', section('rounds')) !== 0)) {
    throw new MalformedMessage('these bytes have parts that the plan does not have');
  }
  return Object.freeze(model);
}

function notNegative<Values extends Float32Array | Float64Array>(name: string, values: Values): Values {
  for (let i = 0; i < values.length; i++) {
    if (values[i] < 0) throw new MalformedMessage(`value ${i} of ${name} is ${values[i]}, below 0`);
  }
  return values;
}
