// Everything that was ever released about one data set, for one unit, across all runs and hyper-parameter searches:
// append-only, hash-chained, readable as text. An entry says what ran, not what it cost: cost is an accountant's
// opinion and may be had again, tighter, later.
//
//   line 0:      canonical JSON of the header;    digest₀ = SHA-256("sumus budget history 1\n" ‖ line 0)
//   line i ≥ 1:  canonical JSON of entry i;       digestᵢ = SHA-256(digestᵢ₋₁ ‖ line i)
// The last line of the text holds the head digest. Whoever keeps a head elsewhere sees a rewritten or shortened past.
//
// Refuses: a mechanism of another adjacency or unit than the header's; counts that are not positive integers; a text
// whose chain breaks.

import { MalformedMessage, ParameterError } from '../errors.ts';
import { canonicalJson } from '../mechanisms/canonical.ts';
import type { Adjacency, Unit } from '../mechanisms/mechanism.ts';
import type { Charge, Chargeable } from './chargeable.ts';

export type Sha256 = (...chunks: readonly Uint8Array[]) => Uint8Array;

export interface HistoryHeader {
  /** Names the data set, for instance by its digest; the same data under two names is a budget spent twice. */
  readonly dataset: string;
  readonly unit: Unit;
  readonly adjacency: Adjacency;
  /** Whether later mechanisms may be chosen from earlier outputs. Then only accountants that allow it are asked. */
  readonly parameters: 'fixed-in-advance' | 'adaptive';
}

export interface Entry<M> extends Charge<M> {
  /** δ this entry costs beside what an accountant makes of it: a coupling's failure, a statistical distance. */
  readonly additionalDelta: number;
  /** What for: run, round, search. Public. */
  readonly note: string;
}

/** What goes in: an entry with the rare parts left out. */
export interface Spending<M> extends Charge<M> {
  readonly additionalDelta?: number;
  readonly note?: string;
}

const FORMAT = 'sumus budget history 1\n';
const MOST_ENTRIES = 10_000_000;

/** What appending needs of the past: a chain of links, so that a history of n entries of few mechanisms costs n and not n². */
interface Link<M> {
  readonly before: Link<M> | undefined;
  readonly entry: Entry<M>;
}

interface Past<M> {
  readonly origin: object;
  readonly last: Link<M> | undefined;
  readonly length: number;
  readonly digest: Uint8Array;
  /** Equal mechanisms together, by their canonical JSON. */
  readonly charges: ReadonlyMap<string, Charge<M>>;
  readonly additionalDelta: number;
}

export class History<M extends Chargeable> {
  readonly header: HistoryHeader;
  readonly #past: Past<M>;
  readonly #sha256: Sha256;

  private constructor(header: HistoryHeader, past: Past<M>, sha256: Sha256) {
    this.header = header;
    this.#past = past;
    this.#sha256 = sha256;
  }

  static begin<M extends Chargeable>(header: HistoryHeader, sha256: Sha256): History<M> {
    const { dataset, unit, adjacency, parameters } = header;
    if (dataset === '') throw new ParameterError('a history names its data set');
    if (unit !== 'record' && unit !== 'participant')
      throw new ParameterError(`a unit is record or participant, not ${unit}`);
    if (adjacency !== 'add-remove' && adjacency !== 'replace-one' && adjacency !== 'zero-out') {
      throw new ParameterError(`an adjacency is add-remove, replace-one or zero-out, not ${adjacency}`);
    }
    if (parameters !== 'fixed-in-advance' && parameters !== 'adaptive') {
      throw new ParameterError(`parameters are fixed-in-advance or adaptive, not ${parameters}`);
    }
    const frozen = Object.freeze({ dataset, unit, adjacency, parameters });
    const digest = sha256(utf8(FORMAT + canonicalJson(frozen)));
    return new History<M>(
      frozen,
      { origin: Object.freeze({}), last: undefined, length: 0, digest, charges: new Map(), additionalDelta: 0 },
      sha256,
    );
  }

  /** The history with one more entry; this one is unchanged. Freezes the mechanism: what was written stays as it was. */
  append(spending: Spending<M>): History<M> {
    const { mechanism, count, additionalDelta = 0, note = '' } = spending;
    const { adjacency, unit } = this.header;
    if (mechanism.adjacency !== adjacency) {
      throw new ParameterError(`a mechanism for ${mechanism.adjacency} neighbours in a history of ${adjacency}`);
    }
    if (mechanism.unit !== unit)
      throw new ParameterError(`a mechanism for a ${mechanism.unit} in a history of a ${unit}`);
    if (!Number.isSafeInteger(count) || count < 1)
      throw new ParameterError(`a mechanism runs a positive number of times, not ${count}`);
    if (!(additionalDelta >= 0 && additionalDelta < 1))
      throw new ParameterError(`an additional δ of ${additionalDelta}`);
    const entry: Entry<M> = Object.freeze({ mechanism, count, additionalDelta, note });
    const past = this.#past;
    freezeData(mechanism);
    const key = canonicalJson(mechanism);
    const together = { mechanism, count: count + (past.charges.get(key)?.count ?? 0) };
    return new History<M>(
      this.header,
      {
        origin: past.origin,
        last: { before: past.last, entry },
        length: past.length + 1,
        digest: this.#sha256(past.digest, utf8(canonicalJson(entry))),
        charges: new Map(past.charges).set(key, together),
        // Rounded up at every addition.
        additionalDelta:
          additionalDelta === 0 ? past.additionalDelta : (past.additionalDelta + additionalDelta) * (1 + 2 ** -52),
      },
      this.#sha256,
    );
  }

  /** The same object for all histories that grew from one beginning, or from one reading of a text. */
  get origin(): object {
    return this.#past.origin;
  }

  /** Commits to everything so far. */
  get head(): string {
    return hex(this.#past.digest);
  }

  get length(): number {
    return this.#past.length;
  }

  /** Oldest first. */
  get entries(): Entry<M>[] {
    const entries: Entry<M>[] = [];
    for (let link = this.#past.last; link !== undefined; link = link.before) entries.push(link.entry);
    return entries.reverse();
  }

  /** Equal mechanisms together: what an accountant is asked about. */
  get charges(): Charge<M>[] {
    return [...this.#past.charges.values()];
  }

  get additionalDelta(): number {
    return this.#past.additionalDelta;
  }

  toText(): string {
    const lines = [canonicalJson(this.header), ...this.entries.map(canonicalJson), canonicalJson({ head: this.head })];
    return `${FORMAT}${lines.join('\n')}\n`;
  }

  /**
   * Reads a text back and checks the whole chain. `readMechanism` turns plain data into a checked mechanism or throws.
   * `keptHead` is the head as it was kept elsewhere: without it an old copy of the text, shorter by what was spent since,
   * is as good as the newest.
   */
  static replay<M extends Chargeable>(
    text: string,
    readMechanism: (data: unknown) => M,
    sha256: Sha256,
    keptHead?: string,
  ): History<M> {
    if (!text.startsWith(FORMAT) || !text.endsWith('\n')) throw new MalformedMessage('not a budget history');
    const lines = text.slice(FORMAT.length, -1).split('\n');
    if (lines.length < 2 || lines.length > MOST_ENTRIES)
      throw new MalformedMessage(`a history of ${lines.length} lines`);
    const read = lines.map(readLine);
    const header = fieldsOf(read[0], ['adjacency', 'dataset', 'parameters', 'unit']);
    const last = fieldsOf(read[read.length - 1], ['head']);
    try {
      let history = History.begin<M>(
        {
          dataset: textOf(header['dataset']),
          unit: oneOf(header['unit'], ['record', 'participant'] as const),
          adjacency: oneOf(header['adjacency'], ['add-remove', 'replace-one', 'zero-out'] as const),
          parameters: oneOf(header['parameters'], ['fixed-in-advance', 'adaptive'] as const),
        },
        sha256,
      );
      for (const line of read.slice(1, -1)) {
        const fields = fieldsOf(line, ['additionalDelta', 'count', 'mechanism', 'note']);
        history = history.append({
          mechanism: readMechanism(fields['mechanism']),
          count: numberOf(fields['count']),
          additionalDelta: numberOf(fields['additionalDelta']),
          note: textOf(fields['note']),
        });
      }
      // Byte for byte: a text that is not canonical has another reading somewhere.
      if (last['head'] !== history.head || history.toText() !== text) {
        throw new MalformedMessage('the chain of a budget history does not lead to its head');
      }
      if (keptHead !== undefined && history.head !== keptHead) {
        throw new MalformedMessage(
          'a budget history is not the one whose head was kept: entries are missing, or others',
        );
      }
      return history;
    } catch (cause) {
      if (cause instanceof MalformedMessage) throw cause;
      throw new MalformedMessage('a budget history holds an entry that no mechanism makes', { cause });
    }
  }
}

/** Freezes plain data through and through. Refuses a property that is computed: it may say something else the next time. */
function freezeData(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!('value' in property)) throw new ParameterError(`${name} of a mechanism is computed, not a value`);
    freezeData(property.value);
  }
  Object.freeze(value);
}

function readLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new MalformedMessage('a line of a budget history is not JSON', { cause });
  }
}

function fieldsOf(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedMessage('a line is no object');
  const found = Object.keys(value).sort();
  if (found.join() !== names.join()) throw new MalformedMessage(`a line has the fields ${found.join(', ')}`);
  return Object.fromEntries(Object.entries(value));
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new MalformedMessage(`a text is a string, not a ${typeof value}`);
  return value;
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new MalformedMessage(`a number is a number, not a ${typeof value}`);
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new MalformedMessage(`expected one of ${allowed.join(', ')}`);
  return found;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** UTF-8 of well-formed text, as canonical JSON is. TextEncoder is the platform's, not the language's. */
function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] === '%') {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(escaped.charCodeAt(i));
  }
  return Uint8Array.from(bytes);
}
