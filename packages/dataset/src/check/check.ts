// An independent check of a release, from its texts alone: groups the rows by what stands in the quasi-identifying columns and
// tests every group against the models as the papers define them. It shares no code with the search or with Mondrian, so
// that a mistake there cannot hide here; it is slow, plain, and meant to be read by whoever has to sign.
import { ParameterError } from '../errors.ts';
import type { PrivacyModel } from '../models/model.ts';

export interface Checked {
  /** Rows of texts, in the order of `columns`. Rows that were suppressed are not among them. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly quasiIdentifiers: readonly string[];
  readonly models: readonly PrivacyModel[];
  /**
   * For t-closeness and δ-disclosure: the distribution that classes are compared with, from sensitive attribute to value to
   * frequency. Without it that of `rows` is taken.
   */
  readonly reference?: Readonly<Record<string, ReadonlyMap<string, number>>>;
  /** For the ordered distance: the values of an attribute in order. */
  readonly orders?: Readonly<Record<string, readonly string[]>>;
  /** For the hierarchical distance: the generalisations of every value, itself first. */
  readonly trees?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** For k-map and δ-presence: how many people the population has for a class, given its texts. */
  readonly populationOf?: (quasiIdentifiers: readonly string[]) => number;
}

export interface Violation {
  readonly model: PrivacyModel;
  /** What the class says in the quasi-identifying columns. */
  readonly classTexts: readonly string[];
  readonly size: number;
  readonly reason: string;
}

const tolerance = 1e-9;

/** Every class that breaks a model; empty: the release satisfies all of them. */
export function violationsOf(release: Checked): Violation[] {
  const places = release.quasiIdentifiers.map((name) => placeOf(release, name));
  const classes = new Map<string, (readonly string[])[]>();
  for (const row of release.rows) {
    const key = JSON.stringify(places.map((place) => row[place]));
    const members = classes.get(key);
    if (members === undefined) classes.set(key, [row]);
    else members.push(row);
  }
  const violations: Violation[] = [];
  for (const model of release.models) {
    const reasonFor = judge(release, model);
    for (const members of classes.values()) {
      const classTexts = places.map((place) => members[0]![place]!);
      const reason = reasonFor(members, classTexts);
      if (reason !== undefined) violations.push({ model, classTexts, size: members.length, reason });
    }
  }
  return violations;
}

type Judge = (members: readonly (readonly string[])[], classTexts: readonly string[]) => string | undefined;

function judge(release: Checked, model: PrivacyModel): Judge {
  switch (model.kind) {
    case 'k-anonymity':
      return (members) => (members.length < model.k ? `${members.length} rows` : undefined);
    case 'k-map':
      return (_members, texts) => {
        const people = populationOf(release, texts);
        return people < model.k ? `${people} people` : undefined;
      };
    case 'delta-presence':
      return (members, texts) => {
        const present = members.length / populationOf(release, texts);
        return present < model.least - tolerance || present > model.most + tolerance
          ? `presence ${present}`
          : undefined;
      };
    case 'distinct-l-diversity':
      return (members) => {
        const { size } = counted(release, model.attribute, members);
        return size < model.l ? `${size} values` : undefined;
      };
    case 'entropy-l-diversity':
      return (members) => {
        let entropy = 0;
        for (const count of counted(release, model.attribute, members).values()) {
          entropy -= (count / members.length) * Math.log(count / members.length);
        }
        return entropy < Math.log(model.l) - tolerance
          ? `entropy ${entropy}, the logarithm of ${Math.exp(entropy)}`
          : undefined;
      };
    case 'recursive-cl-diversity':
      return (members) => {
        const falling = [...counted(release, model.attribute, members).values()].sort((a, b) => b - a);
        const tail = falling.slice(model.l - 1).reduce((sum, count) => sum + count, 0);
        return (falling[0] ?? 0) < model.c * tail ? undefined : `${falling[0]} rows against ${model.c} × ${tail}`;
      };
    case 't-closeness': {
      const whole = referenceOf(release, model.attribute);
      return (members) => {
        const own = frequencies(counted(release, model.attribute, members));
        const distance = distanceOf(release, model, own, whole);
        return distance > model.t + tolerance ? `distance ${distance}` : undefined;
      };
    }
    case 'delta-disclosure': {
      const whole = referenceOf(release, model.attribute);
      return (members) => {
        const own = frequencies(counted(release, model.attribute, members));
        for (const [value, q] of whole) {
          const p = own.get(value) ?? 0;
          if (p === 0 && model.absent === 'ignored') continue;
          if (!(Math.abs(Math.log2(p / q)) < model.delta)) return `a value is ${p / q} times as frequent`;
        }
        return undefined;
      };
    }
    default:
      return model satisfies never;
  }
}

function distanceOf(
  release: Checked,
  model: PrivacyModel & { kind: 't-closeness' },
  own: ReadonlyMap<string, number>,
  whole: ReadonlyMap<string, number>,
): number {
  const gap = (value: string): number => (own.get(value) ?? 0) - (whole.get(value) ?? 0);
  const values = new Set([...whole.keys(), ...own.keys()]);
  switch (model.distance) {
    case 'equal':
      return [...values].reduce((sum, value) => sum + Math.abs(gap(value)), 0) / 2;
    case 'ordered': {
      const order = (release.orders?.[model.attribute] ?? []).filter((value) => values.has(value));
      if (order.length !== values.size) throw new ParameterError(`the order of ${model.attribute} lacks values`);
      let [sum, running] = [0, 0];
      for (const value of order) {
        running += gap(value);
        sum += Math.abs(running);
      }
      return order.length < 2 ? 0 : sum / (order.length - 1);
    }
    case 'hierarchical': {
      // Mass that stays within a node of level l costs at most l / height to move: what two children of it exchange.
      const tree = release.trees?.[model.attribute] ?? [];
      const height = (tree[0]?.length ?? 1) - 1;
      let cost = 0;
      for (let level = 1; level <= height; level += 1) {
        const children = new Map<string, Map<string, number>>();
        for (const line of tree) {
          const parent = line.slice(level).join('\u0000');
          const child = line.slice(level - 1).join('\u0000');
          const extras = children.get(parent) ?? new Map<string, number>();
          children.set(parent, extras);
          extras.set(child, (extras.get(child) ?? 0) + gap(line[0]!));
        }
        for (const extras of children.values()) {
          let [surplus, lack] = [0, 0];
          for (const extra of extras.values()) {
            if (extra > 0) surplus += extra;
            else lack -= extra;
          }
          cost += (level / height) * Math.min(surplus, lack);
        }
      }
      return cost;
    }
    default:
      return model.distance satisfies never;
  }
}

function counted(release: Checked, name: string, rows: readonly (readonly string[])[]): Map<string, number> {
  const place = placeOf(release, name);
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[place]!, (counts.get(row[place]!) ?? 0) + 1);
  return counts;
}

function frequencies(counts: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...counts].map(([value, count]) => [value, count / total]));
}

function referenceOf(release: Checked, name: string): ReadonlyMap<string, number> {
  return release.reference?.[name] ?? frequencies(counted(release, name, release.rows));
}

function populationOf(release: Checked, texts: readonly string[]): number {
  if (release.populationOf === undefined) throw new ParameterError('there is no population to compare with');
  return release.populationOf(texts);
}

function placeOf({ columns }: Checked, name: string): number {
  const place = columns.indexOf(name);
  if (place < 0) throw new ParameterError(`the release has no column ${name}`);
  return place;
}
