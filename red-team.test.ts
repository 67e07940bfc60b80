// docs/red-team.md lists the attacks that sums of secrets must survive. Each has tests that are named after it, where the page says, or
// a reason why it belongs elsewhere; and no decoder of secure-sum goes without hostile bytes (attack 75).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;
const ATTACKS = 79;
const SOURCES = 'packages/secure-sum/src';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function files(folder: string, wanted: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => wanted.test(path) && !/\/(node_modules|dist)\//.test(path));
}

interface Row {
  readonly attack: number;
  /** A room, which ends in a slash, or a file. */
  readonly tests: readonly string[];
  /** Why there is none, or where the rest of it belongs. */
  readonly elsewhere: string | undefined;
}

/** The rows of the page: "| 22 | … | … | `mask/`, `a.attack.test.ts`. Elsewhere: … |". */
function rowsOf(page: string): Row[] {
  return [...page.matchAll(/^\| (\d+) \|.*\| ([^|]*) \|$/gm)].map(([, attack, cell]) => ({
    attack: Number(attack),
    tests: [...cell!.replace(/Elsewhere.*/, '').matchAll(/`([\w./-]+)`/g)].map(([, path]) => path!),
    elsewhere: /Elsewhere: (.+)/.exec(cell!)?.[1],
  }));
}

/** The attacks after which the tests of a file are named. What is skipped or still to do does not count. */
function attacksIn(text: string): Set<number> {
  const named = new Set<number>();
  for (const { index, 2: title } of text.matchAll(/\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)) {
    if (!/\battacks? \d/.test(title!) || !/^(describe|it|test)(\.(each|concurrent))*$/.test(calledAt(text, index)))
      continue;
    for (const [, numbers] of title!.matchAll(/\battacks? (\d+(?:(?:, and |, | and )\d+)*)/g)) {
      for (const number of numbers!.match(/\d+/g)!) named.add(Number(number));
    }
  }
  return named;
}

/** What is called by the parenthesis at `index`: `it`, or `it.each` of `it.each([…])(`. */
function calledAt(text: string, index: number): string {
  let end = index;
  if (text[end - 1] === ')') {
    for (let open = 0; end > 0; ) {
      end -= 1;
      if (text[end] === ')') open += 1;
      else if (text[end] === '(' && --open === 0) break;
    }
  }
  // What it is generic over does not count.
  return /([\w.]+)(?:<[^()\n]*>)?$/.exec(text.slice(Math.max(0, end - 150), end))?.[1] ?? '';
}

/** What is wrong with the page, given the tests that there are. */
function missing(rows: readonly Row[], texts: ReadonlyMap<string, string>): string[] {
  const wrong: string[] = [];
  for (let attack = 1; attack <= ATTACKS; attack++) {
    const found = rows.filter((row) => row.attack === attack);
    if (found.length !== 1) wrong.push(`attack ${attack} has ${found.length} rows`);
    for (const { tests, elsewhere } of found) {
      if (tests.length === 0 && elsewhere === undefined) wrong.push(`attack ${attack} has neither test nor reason`);
      for (const path of tests) {
        const inIt = [...texts].filter(([file]) => file === path || (path.endsWith('/') && file.startsWith(path)));
        if (inIt.length === 0) wrong.push(`attack ${attack}: ${path} is not there`);
        else if (!inIt.some(([, text]) => attacksIn(text).has(attack))) {
          wrong.push(`attack ${attack}: no test of ${path} is named after it`);
        }
      }
    }
  }
  return wrong;
}

const decoders = /^export (?:async )?(?:function|const) ((?:decode|restore)[A-Z]\w*)/gm;

/** Decoders of bytes from elsewhere that no suite of hostile bytes names. */
function unfuzzed(sources: readonly string[], suites: readonly string[]): string[] {
  const tried = suites.join('\n');
  return sources
    .flatMap((source) => [...source.matchAll(decoders)].map(([, name]) => name!))
    .filter((name) => !new RegExp(`\\b${name}\\b`).test(tried));
}

/** Tests of secure-sum, by their place in it. */
const texts = new Map(
  files(SOURCES, /\.(test|contract)\.ts$/).map((path) => [path.slice(SOURCES.length + 1), read(path)]),
);
const rows = rowsOf(read('docs/red-team.md'));

describe('the red team', () => {
  it('finds every attack of its list in a test that is named after it, or told where it belongs', () => {
    expect(missing(rows, texts)).toEqual([]);
    expect(rows.length).toBe(ATTACKS);
  });

  it('knows every attack that a test of secure-sum is named after', () => {
    const beyond = [...texts].filter(([, text]) =>
      [...attacksIn(text)].some((attack) => attack < 1 || attack > ATTACKS),
    );
    expect(beyond.map(([path]) => path)).toEqual([]);
  });

  it('has hostile bytes for every decoder of secure-sum (attack 75)', () => {
    const own = files(SOURCES, /\.ts$/).filter((path) => !/\.(test|contract)\.ts$|\/(kernels|engine)\//.test(path));
    const hostile = [...texts].filter(([, text]) => attacksIn(text).has(75) || /hostileBytes|hostile-bytes/.test(text));
    expect(own.flatMap((path) => [...read(path).matchAll(decoders)]).length).toBeGreaterThan(30);
    expect(
      unfuzzed(
        own.map(read),
        hostile.map(([, text]) => text),
      ),
    ).toEqual([]);
  });
});

describe('its checks', () => {
  const page = (cell: string, attack = 1): string => `| ${attack} | an attack | an outcome | ${cell} |`;
  const only = (cell: string, texts: Record<string, string> = {}): string[] =>
    missing(rowsOf(page(cell)), new Map(Object.entries(texts))).filter((line) => /^attack 1\b/.test(line));

  it('see a row without test or reason, a file that is gone, a test under another name, a number twice or not at all', () => {
    expect(only('')).toEqual(['attack 1 has neither test nor reason']);
    expect(only('`a.test.ts`')).toEqual(['attack 1: a.test.ts is not there']);
    expect(only('`mask/`', { 'masks/a.test.ts': `it('attack 1: x', f)` })).toEqual(['attack 1: mask/ is not there']);
    expect(only('`mask/`', { 'mask/a.test.ts': `it('attack 12: x', f)` })).toEqual([
      'attack 1: no test of mask/ is named after it',
    ]);
    expect(only('`mask/`', { 'mask/a.test.ts': `it('attack 1: x', f)` })).toEqual([]);
    expect(only('Elsewhere: `a.test.ts`')).toEqual([]);
    expect(missing(rowsOf(`${page('Elsewhere: x')}\n${page('Elsewhere: x')}`), new Map())).toContain(
      'attack 1 has 2 rows',
    );
    expect(missing([], new Map())).toHaveLength(ATTACKS);
  });

  it('read the names of tests as they are written', () => {
    expect(attacksIn(`describe('attacks 19 and 20: one', f); it("of keys (attacks 4, 6, 7)", f)`)).toEqual(
      new Set([19, 20, 4, 6, 7]),
    );
    expect(
      attacksIn("describe.each<[A, B<C>]>(all)('attack 75: %s', f); it.each([1, two(3)])(\n  `attack 9`, f)"),
    ).toEqual(new Set([75, 9]));
    expect(attacksIn(`// attack 3\nit.skip('attack 4', f); it.todo('attack 5'); call('attack 6')`)).toEqual(new Set());
  });

  it('see a decoder without hostile bytes', () => {
    const source = 'export function decodeBox(bytes: Uint8Array): Box {';
    expect(unfuzzed([source], ['decodeBoxes, decode'])).toEqual(['decodeBox']);
    expect(unfuzzed([source], ['again: (bytes) => encodeBox(decodeBox(bytes))'])).toEqual([]);
  });
});
