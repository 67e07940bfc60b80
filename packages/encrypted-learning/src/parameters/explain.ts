// A plan in words and numbers, for people: what goes in, what is done, on which parameters, for which keys, at what cost and precision.

import { inputsOf } from '../circuit/circuit.ts';
import { type Measure, measure } from '../circuit/measure.ts';
import { ciphertextBytes, type Plan } from './plan.ts';

export function explain(plan: Plan): string {
  const { circuit, parameters, options, cost } = plan;
  const made = measure(circuit);
  const lines = [
    `${circuit.name}: ${circuit.slots} slots`,
    `parameters   ${parameters.toString()}`,
    `depth        ${Math.max(...plan.levels)} of ${parameters.topLevel} levels${way(made)}`,
    `operations   ${operations(made)}`,
    ...(made.refreshes === 0 ? [] : [`refresh      ${made.refreshes}, by ${who(options.refresh?.kind)}`]),
    `keys         ${keyLine(plan)}`,
    `inputs       ${inputLines(plan).join('\n             ')}`,
    `outputs      ${[...circuit.outputs].map(([name, { at }]) => `${name} at level ${plan.levels[at]}, |·| ≤ ${short(plan.estimates[at]?.magnitude ?? 0)}`).join('\n             ')}`,
    `memory       inputs ${bytes(cost.inputBytes)}, at most ${bytes(cost.peakBytes)} of results at once, keys ${bytes(cost.keyBytes)}`,
    `precision    ${precision(cost.precisionBits)} by the bound, about ${cost.typicalPrecisionBits.toFixed(1)} as a rule`,
    `work         ${short(cost.work)} transforms of one limb at N = ${parameters.degree}`,
  ];
  return lines.join('\n');
}

/** After many operations the bound exceeds every number, and the twin or a measurement has to say what is met. */
function precision(bits: number): string {
  return Number.isFinite(bits) ? `at least ${bits.toFixed(1)} bits` : 'no bits';
}

function way({ deepest }: Measure): string {
  if (deepest.length === 0) return '';
  const sections: { section: string; levels: number }[] = [];
  for (const { section, levels } of deepest) {
    const last = sections.at(-1);
    if (last?.section === section) last.levels += levels;
    else sections.push({ section, levels });
  }
  if (sections.length > MOST_SECTIONS) return `; the deepest way passes ${sections.length} sections`;
  return `; the deepest way: ${sections.map(({ section, levels }) => `${section === '' ? 'outside sections' : section} ${levels}`).join(', ')}`;
}

const MOST_SECTIONS = 12;

function operations(made: Measure): string {
  const counts: readonly (readonly [number, string])[] = [
    [made.products, 'products'],
    [made.relinearisations, 'relinearisations'],
    [made.plainProducts, 'products with known numbers'],
    [made.rotations, 'rotations'],
    [made.transforms, 'matrices'],
    [made.additions, 'additions'],
  ];
  return counts.map(([count, what]) => `${count} ${what}`).join(', ');
}

function who(kind: 'owner' | 'collective' | 'bootstrapping' | undefined): string {
  switch (kind) {
    case 'owner':
      return 'the owner of the key';
    case 'collective':
      return 'the members of the shared key, one message each';
    case 'bootstrapping':
      return 'bootstrapping';
    case undefined:
      return 'nobody';
    default:
      return kind satisfies never;
  }
}

function keyLine({ keys, cost }: Plan): string {
  const count = keys.rotations.length;
  const rotations =
    count === 0
      ? 'no rotations'
      : `rotations by ${keys.rotations.slice(0, MOST_STEPS).join(', ')}${count > MOST_STEPS ? ` and ${count - MOST_STEPS} more` : ''}`;
  return `${keys.relinearisation ? 'relinearisation, ' : ''}${rotations}; ${bytes(cost.seededKeyBytes)} as sent`;
}

const MOST_STEPS = 24;

/** One line for inputs that are alike: `rows.0 to rows.11`. */
function inputLines(plan: Plan): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { name, at, magnitude, packing } of inputsOf(plan.circuit)) {
    const level = plan.levels[at];
    const what = `${packing}; |·| ≤ ${short(magnitude)}, level ${level}, ${bytes(ciphertextBytes(plan.parameters, level))} each`;
    groups.set(what, [...(groups.get(what) ?? []), name]);
  }
  return [...groups].map(([what, names]) => {
    const called = names.length > 2 ? `${names[0]} to ${names.at(-1)} (${names.length})` : names.join(' and ');
    return `${called}: ${what}`;
  });
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toPrecision(3)} ${units[power - 1]}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
