// sumus data describe, convert and split as their user meets them: two outputs and an exit code. In this process, for there are many.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './program.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

interface Ending {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function data(...words: string[]): Promise<Ending> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await runCommandLine(['data', ...words]), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const rows = Array.from(
  { length: 200 },
  (_, row) => `${row},${20 + (row % 60)},${row % 3 === 0 ? 'yes' : 'no'},p${row % 20}@example.org`,
);
const people = `key,age,smokes,contact\n${rows.join('\n')}\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus data '));
  writeFileSync(at('people.csv'), people);
  writeFileSync(at('people.csv.gz'), gzipSync(people));
  writeFileSync(at('bad.csv'), 'a,b\n1,2\n3\n4,5\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('sumus data describe', () => {
  it('shows a table with bars, what was guessed, and who could be identified', async () => {
    const { status, stdout, stderr } = await data('describe', at('people.csv'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/people.csv: 200 rows, 4 columns \(csv, comma, utf-8\)/);
    expect(stdout).toMatch(/separator comma: 200 of the first 200 records have 4 fields/);
    expect(stdout).toMatch(/^age {2,}integer {2,}0 {2,}60 {2,}[▁▂▃▄▅▆▇█]+ {2,}20 … 79, median 4\d/m);
    expect(stdout).toMatch(/contact {2,}F e-mail addresses {2,}20 of 20 different values looked at read like e-mails/);
    expect(stdout).toMatch(/key {2,}R other unique codes/);
  });

  it('says of a line above the table that it is a comment, and takes the sign of comments as told', async () => {
    writeFileSync(at('adult.test'), '|1x3 Cross validator\n25, Private, <=50K.\n38, ?, >50K.\n|, a row, here\n');
    // A row that begins with the sign: what the line above is, nobody can guess.
    expect((await data('describe', at('adult.test'))).stderr).toMatch(/line 2: the record has 1 fields/);
    const told = await data('describe', at('adult.test'), '--comment', '|');
    expect(told.stdout).toMatch(/2 rows, 3 columns/);
    expect(told.stdout).toMatch(/lines that begin with \| are comments: declared/);
    expect(told.stdout).toMatch(/2 lines of comment left out/);
    writeFileSync(at('adult2.test'), '|1x3 Cross validator\n25, Private, <=50K.\n38, ?, >50K.\n');
    const guessed = await data('describe', at('adult2.test'));
    expect(guessed.stdout).toMatch(/2 rows, 3 columns/);
    expect(guessed.stdout).toMatch(/the file begins with "\|1x3 Cross validator"/);
    expect(guessed.stdout).toMatch(/1 line of comment left out/);
  });

  it('says the same of a gzip file, and all of it as JSON', async () => {
    const { stdout } = await data('describe', at('people.csv.gz'), '--json');
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({
      format: 'csv',
      rows: 200,
      report: { rows: 200, rejectedRows: 0, blankLines: 0 },
      dialect: { separator: ',' },
    });
    expect(answer.columns.map((column: { type: string }) => column.type)).toEqual([
      'integer',
      'integer',
      'category',
      'category',
    ]);
    expect(answer.columns[2].categories.top).toEqual([
      { text: 'no', count: 133 },
      { text: 'yes', count: 67 },
    ]);
  });

  it('stops at a bad row with file, line and reason, or endures it and tells', async () => {
    const refused = await data('describe', at('bad.csv'));
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/bad.csv, line 3: the record has 1 fields, the table 2 columns \[E_MALFORMED\]/);
    const endured = await data('describe', at('bad.csv'), '--tolerance', '1');
    expect(endured.status).toBe(0);
    expect(endured.stdout).toMatch(/1 bad row left out:\n {4}line 3: the record has 1 fields/);
    expect((await data('describe', at('bad.csv'), '--tolerance', '20%')).status).toBe(1);
    expect((await data('describe', at('bad.csv'), '--tolerance', '50%')).status).toBe(0);
  });

  it('lets declared types win', async () => {
    const answer = JSON.parse((await data('describe', at('people.csv'), '--json', '--type', 'age=category')).stdout);
    expect(answer.columns[1].type).toBe('category');
    writeFileSync(
      at('schema.json'),
      JSON.stringify({ columns: [{ name: 'smokes', type: 'category', categories: ['yes'] }] }),
    );
    const refused = await data('describe', at('people.csv'), '--schema', at('schema.json'));
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/line 3, column smokes: "no" is none of the declared categories/),
    ]);
  });

  it('guesses from all rows, however late one of them tells', async () => {
    writeFileSync(at('late.csv'), `n,text\n${`1,${'long text '.repeat(100)}\n`.repeat(9000)}007,end\n`);
    const answer = JSON.parse((await data('describe', at('late.csv'), '--json')).stdout);
    expect([answer.rows, answer.columns[0].type, answer.columns[0].distinct.count]).toEqual([9001, 'category', 2]);
  });

  it('never obeys what a cell tells the terminal', async () => {
    writeFileSync(at('escape.csv'), 'name,x\n\u001b[31mred,1\n\u001b]0;title\u0007,2\n');
    const { stdout } = await data('describe', at('escape.csv'));
    expect(stdout).toContain('·[31mred');
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    [['--tolerance', 'many'], /--tolerance is a number/],
    [['--type', 'age'], /--type is COLUMN=TYPE/],
    [['--bins', '0'], /--bins is at least 1/],
    [['--separator', 'ab'], /a separator is one ASCII character/],
  ])('refuses %j with exit code 2', async (words, message) => {
    const { status, stderr } = await data('describe', at('people.csv'), ...words);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('sumus data convert', () => {
  it('carries a table through JSON lines and back', async () => {
    expect((await data('convert', at('people.csv'), at('people.jsonl'))).status).toBe(0);
    expect((await data('convert', at('people.jsonl'), at('again.csv'))).status).toBe(0);
    expect(readFileSync(at('again.csv'), 'utf8')).toBe(people);
    expect((await data('convert', at('people.csv'), at('people.tsv'), '--json')).stdout).toMatch(
      /"rows":200,"neutralised":0/,
    );
    expect(readFileSync(at('people.tsv'), 'utf8')).toBe(people.replaceAll(',', '\t'));
  });

  it('makes formulas harmless unless told otherwise', async () => {
    writeFileSync(at('evil.csv'), 'a,b\n=1+1,x\n@SUM(A1),-5\n');
    expect((await data('convert', at('evil.csv'), at('safe.csv'))).stdout).toMatch(
      /2 cells that a spreadsheet would run/,
    );
    expect(readFileSync(at('safe.csv'), 'utf8')).toBe("a,b\n'=1+1,x\n'@SUM(A1),-5\n");
    await data('convert', at('evil.csv'), at('kept.csv'), '--formulas', 'keep');
    expect(readFileSync(at('kept.csv'), 'utf8')).toBe('a,b\n=1+1,x\n@SUM(A1),-5\n');
  });

  it('leaves nothing half-written where a row is bad', async () => {
    expect((await data('convert', at('bad.csv'), at('half.csv'))).status).toBe(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
  });

  it('makes IDX files of a folder of pictures, and a table of those', async () => {
    for (const [label, value] of [
      ['cat', 10],
      ['dog', 200],
    ] as const) {
      mkdirSync(at(`pictures/${label}`), { recursive: true });
      const pixels = Buffer.alloc(8 * 8 * 4, value);
      for (const name of ['a', 'b'])
        writeFileSync(at(`pictures/${label}/${name}.jpg`), jpeg.encode({ width: 8, height: 8, data: pixels }, 95).data);
    }
    const { status, stdout } = await data('convert', at('pictures'), at('made'), '--size', '2x2');
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^4 pictures of 2 × 2, 2 classes/),
    });
    const images = readFileSync(at('made-images-idx3-ubyte'));
    expect([...images.subarray(0, 16)]).toEqual([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2]);
    for (const sample of images.subarray(16, 24)) expect(Math.abs(sample - 10)).toBeLessThanOrEqual(3);
    expect([...readFileSync(at('made-labels-idx1-ubyte')).subarray(8)]).toEqual([0, 0, 1, 1]);
    expect(JSON.parse(readFileSync(at('made-classes.json'), 'utf8'))).toEqual(['cat', 'dog']);
    const answer = JSON.parse((await data('describe', at('made-images-idx3-ubyte'), '--json')).stdout);
    expect([answer.format, answer.rows, answer.columns.length]).toEqual(['idx', 4, 4]);
  });

  it('refuses to write onto what it reads, or a format that it does not write', async () => {
    expect((await data('convert', at('people.csv'), at('people.csv'))).status).toBe(2);
    expect((await data('convert', at('people.csv'), at('people.xlsx'))).stderr).toMatch(
      /is written as .csv, .tsv or .jsonl/,
    );
    expect((await data('describe', at('nothing.csv'))).status).toBe(1);
  });
});

describe('sumus data split', () => {
  const read = (...names: string[]): string[] =>
    names.flatMap((name) => readFileSync(at(name), 'utf8').trimEnd().split('\n').slice(1));
  const all = [...rows].sort();

  it('deals every row to one part, keeps shares, and repeats itself under one seed', async () => {
    const words = [
      'split',
      at('people.csv'),
      '--train',
      '0.7',
      '--validation',
      '0.1',
      '--test',
      '0.2',
      '--stratify',
      'smokes',
    ];
    const { status, stdout } = await data(...words, '--seed', 'one', '-o', at('parts'), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).parts.map((part: { name: string; rows: number }) => [part.name, part.rows])).toEqual([
      ['train', 140],
      ['validation', 20],
      ['test', 40],
    ]);
    const names = ['train.csv', 'validation.csv', 'test.csv'];
    expect(read(...names.map((name) => `parts/${name}`)).sort()).toEqual(all);
    expect(Math.abs(read('parts/test.csv').filter((row) => row.includes('yes')).length - 0.2 * 67)).toBeLessThanOrEqual(
      1,
    );
    await data(...words, '--seed', 'one', '-o', at('parts2'));
    expect(read('parts2/train.csv')).toEqual(read('parts/train.csv'));
    await data(...words, '--seed', 'two', '-o', at('parts3'));
    expect(read('parts3/train.csv')).not.toEqual(read('parts/train.csv'));
  });

  it('keeps groups together', async () => {
    expect((await data('split', at('people.csv'), '--group', 'contact', '-o', at('grouped'))).status).toBe(0);
    const contacts = (name: string): Set<string> =>
      new Set(read(`grouped/${name}`).map((row) => row.split(',')[3] ?? ''));
    for (const one of contacts('train.csv')) expect(contacts('test.csv').has(one)).toBe(false);
    expect(read('grouped/train.csv', 'grouped/test.csv').sort()).toEqual(all);
  });

  it.each([
    [['--participants', '4'], 4],
    [['--participants', '5', '--partition', 'dirichlet', '--label', 'smokes', '--concentration', '0.5'], 5],
    [['--participants', '4', '--partition', 'shards', '--label', 'smokes'], 4],
    [['--partition', 'column', '--label', 'smokes'], 2],
  ])('among participants by %j gives every row to one of them', async (words, count) => {
    const out = at(`among ${words.join(' ')}`);
    expect((await data('split', at('people.csv'), ...words, '-o', out)).status).toBe(0);
    const files = readdirSync(out);
    expect(files).toHaveLength(count);
    expect(
      files.flatMap((name) => readFileSync(join(out, name), 'utf8').trimEnd().split('\n').slice(1)).sort(),
    ).toEqual(all);
  });

  it('refuses what cannot be meant, and to write over parts that are there', async () => {
    const refused = (...words: string[]) => data('split', at('people.csv'), '-o', at('refused'), ...words);
    expect(await refused('--train', '1.5')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--train is a share'),
    });
    expect((await refused('--train', '0.9', '--test', '0.5')).status).toBe(2);
    expect(await refused('--stratify', 'nothing')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the table has key, age'),
    });
    expect((await refused('--participants', '300')).status).toBe(2);
    expect(await refused('--partition', 'dirichlet', '--participants', '3')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--label'),
    });
    expect(existsSync(at('refused'))).toBe(false);
    mkdirSync(at('there'));
    writeFileSync(at('there/test.csv'), 'mine');
    const over = await data('split', at('people.csv'), '-o', at('there'));
    expect([over.status, over.stderr]).toEqual([2, expect.stringContaining('is there already')]);
    expect(readdirSync(at('there'))).toEqual(['test.csv']);
  });
});
