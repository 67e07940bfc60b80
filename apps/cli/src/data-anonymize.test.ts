// sumus data anonymize and sumus data risk as their user meets them. Needs a build (npm test does it).
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePolicy, type PolicyOptions } from './commands/data-anonymize-policy.ts';

const launcher = join(import.meta.dirname, '..', 'bin', 'sumus.mjs');
let folder = '';
const at = (name: string): string => join(folder, name);

function sumus(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...words], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { status, stdout, stderr };
}

/** 600 people whose town and illness follow from their number; nobody is random, everybody is nearly unique. */
function people(): string {
  const rows = Array.from({ length: 600 }, (_, i) => {
    const age = 18 + ((i * 37) % 61);
    const zip = 8000 + ((i * 53) % 97);
    const illness = ['none', 'flu', 'cold', 'gout'][(i * i + 3 * i) % 4];
    return `Person ${i},${age},${zip},${i % 2 ? 'm' : 'f'},${illness},${i % 50 === 0 ? '=1+1' : 'fine'}`;
  });
  return ['name,age,zip,sex,illness,note', ...rows, 'Nobody,?,8001,m,flu,fine'].join('\n');
}

const policy = `# who may see what
version: 1
columns:
  name: { role: identifying, action: pseudonym }
  age: { role: quasi-identifying, hierarchy: { kind: numbers, width: 5 } }
  zip: { role: quasi-identifying, hierarchy: { kind: masking } }
  sex: { role: quasi-identifying, hierarchy: { kind: file, file: sex.csv } }
  illness: { role: sensitive }
  note: { role: insensitive }
models:
  - { kind: k-anonymity, k: 5 }
  - { kind: distinct-l-diversity, attribute: illness, l: 2 }
missing: drop-rows
pseudonyms: { purpose: a test }
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus data '));
  writeFileSync(at('people.csv'), people());
  writeFileSync(at('policy.yaml'), policy);
  writeFileSync(at('sex.csv'), 'm;*\nf;*\n');
  writeFileSync(at('key'), Buffer.alloc(32, 7));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('sumus data anonymize', () => {
  it('follows a policy in YAML, writes table and report, and says what it came to', () => {
    const words = ['data', 'anonymize', 'people.csv', '--policy', 'policy.yaml', '--pseudonym-key', 'key'];
    const { status, stdout, stderr } = sumus(...words, '--out', 'out.csv', '--report', 'report.html', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ kind: 'released', satisfied: true, rows: 601, droppedRows: 1 });
    expect(answer.smallestClass).toBeGreaterThanOrEqual(5);
    expect(Object.keys(answer.levels)).toEqual(['age', 'zip', 'sex']);
    expect(answer.releasedRows + answer.suppressed + answer.droppedRows).toBe(601);
    expect(answer.neutralisedCells).toBeGreaterThan(0);
    const lines = readFileSync(at('out.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('name,age,zip,sex,illness,note');
    expect(lines).toHaveLength(answer.releasedRows + 1);
    expect(lines.every((line, row) => row === 0 || /^g1-[0-9a-z]{26},/.test(line))).toBe(true);
    expect(lines.join()).not.toContain('Person');
    expect(lines.join()).toContain("'=1+1");
    expect(readFileSync(at('report.html'), 'utf8')).toContain('data protection officer');
    // The same policy, the same table: the same bytes next month.
    const again = JSON.parse(sumus(...words, '--json').stdout);
    expect(again.sha256).toEqual(answer.sha256);
  });

  it('is checked by sumus data risk, which judges any table', () => {
    expect(sumus('data', 'risk', 'out.csv', '--policy', 'policy.yaml').stdout).toContain(
      'The models of the policy hold.',
    );
    const broken = sumus('data', 'risk', 'people.csv', '--policy', 'policy.yaml', '--json');
    expect(broken.status).toBe(1);
    expect(JSON.parse(broken.stdout).violations.length).toBeGreaterThan(10);
    const sample = sumus('data', 'risk', 'people.csv', '-q', 'age,zip,sex', '--population-size', '100000');
    expect(sample.stdout).toMatch(
      /Of 100000 people about \d+ \(\d.*%\) are unique in them, if .* \((?:Pitman|Zayatz)\)\./,
    );
    const few = sumus('data', 'risk', 'people.csv', '-q', 'age', '--population-size', '3');
    expect([few.status, few.stderr]).toEqual([2, expect.stringMatching(/at least the \d+ members of its sample/)]);
    const plain = sumus('data', 'risk', 'people.csv', '-q', 'age,zip,sex');
    expect(plain.status).toBe(0);
    expect(plain.stdout).toContain('prosecutor');
  });

  it('is checked where rows are masked and values must be close to those before suppression', () => {
    const close = `version: 1
columns:
  age: { role: quasi-identifying, hierarchy: { kind: numbers, width: 5 } }
  sex: { role: quasi-identifying }
  illness: { role: sensitive }
otherColumns: remove
models:
  - { kind: k-anonymity, k: 5 }
  - { kind: t-closeness, attribute: illness, t: 0.35 }
method: { kind: full-domain, suppressionLimit: 0.5 }
suppressedRows: mask
missing: drop-rows
`;
    writeFileSync(at('close.yaml'), close);
    // Three very old people: leaving them out costs less than coarser ages for all.
    writeFileSync(at('old.csv'), `${people()}\nA,99,8001,m,flu,fine\nB,98,8002,f,flu,fine\nC,97,8003,m,flu,fine`);
    const { stdout } = sumus('data', 'anonymize', 'old.csv', '--policy', 'close.yaml', '--out', 'close.csv', '--json');
    expect(JSON.parse(stdout).suppressed).toBeGreaterThan(0);
    // Three masked rows would be a class below five: they leave.
    expect(JSON.parse(stdout)).toMatchObject({ suppressed: 3, masked: 0, releasedRows: 600 });
    expect(Object.keys(JSON.parse(stdout).reference)).toEqual(['illness']);
    writeFileSync(at('receipt.json'), stdout);
    const verdict = sumus('data', 'risk', 'close.csv', '--policy', 'close.yaml', '--receipt', 'receipt.json', '--json');
    expect(verdict.status).toBe(0);
    expect(JSON.parse(verdict.stdout)).toMatchObject({
      violations: [],
      unchecked: [],
      maskedRows: 0,
    });
    // Three rows that somebody else masked are seen.
    writeFileSync(at('masked.csv'), `${readFileSync(at('close.csv'), 'utf8')}*,*,flu\n*,*,flu\n*,*,flu\n`);
    const seen = sumus('data', 'risk', 'masked.csv', '--policy', 'close.yaml', '--receipt', 'receipt.json', '--json');
    expect(seen.status).toBe(1);
    expect(JSON.parse(seen.stdout)).toMatchObject({ maskedRows: 3, violations: [{ size: 3 }, { size: 3 }] });
  });

  it('never writes over what it reads, under whatever name, nor two results into one place', () => {
    symlinkSync('people.csv', at('link.csv'));
    const words = ['data', 'anonymize', 'people.csv', '-q', 'age,sex', '-k', '5', '--hierarchy', 'sex=sex.csv'];
    for (const more of [
      ['-o', 'people.csv'],
      ['-o', 'link.csv'],
      ['-o', './sex.csv'],
      ['--report', 'people.csv'],
      ['--save-policy', 'link.csv'],
      ['-o', 'new.csv', '--report', './new.csv'],
    ]) {
      const { status, stderr } = sumus(...words, ...more);
      expect({ status, stderr }, more.join(' ')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('would be written over'),
      });
    }
    expect(sumus('data', 'convert', 'people.csv', 'link.csv').status).toBe(2);
    expect(readFileSync(at('people.csv'), 'utf8')).toBe(people());
    expect(readFileSync(at('sex.csv'), 'utf8')).toBe('m;*\nf;*\n');
    expect(existsSync(at('new.csv'))).toBe(false);
  });

  it('leaves nothing half-written behind where a result cannot be written', () => {
    const words = ['data', 'anonymize', 'people.csv', '-q', 'age,sex', '-k', '5'];
    expect(sumus(...words, '-o', 'nowhere/out.csv').status).toBe(1);
    expect(sumus(...words, '--utility', 'nobody', '-o', 'half.csv').status).toBe(2);
    expect(existsSync(at('half.csv'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('tells no sensitive values of a column that nothing is compared with', () => {
    const words = ['data', 'anonymize', 'people.csv', '-q', 'age,sex', '-s', 'illness,note', '-k', '5', '--json'];
    expect(JSON.parse(sumus(...words).stdout).reference).toEqual({});
    const { reference } = JSON.parse(sumus(...words, '--t-closeness', '0.5@note').stdout);
    expect(Object.keys(reference)).toEqual(['note']);
  });

  it('saves the intervals that it used, tails and hierarchy files of sensitive columns included', () => {
    const tailed = `version: 1
columns:
  age: { role: quasi-identifying, tails: { upper: 60 } }
  illness: { role: sensitive, hierarchy: { kind: file, file: illness.csv } }
otherColumns: remove
models:
  - { kind: k-anonymity, k: 5 }
  - { kind: t-closeness, attribute: illness, t: 0.5, distance: hierarchical }
`;
    writeFileSync(at('tailed.yaml'), tailed);
    writeFileSync(at('illness.csv'), 'none;*\nflu;*\ncold;*\ngout;*\n');
    writeFileSync(at('ages.csv'), `${people()}\nA,9999,8001,m,flu,fine\n`);
    mkdirSync(at('saved'), { recursive: true });
    const words = ['data', 'anonymize', 'ages.csv', '--json', '--policy'];
    const first = sumus(...words, 'tailed.yaml', '--save-policy', 'saved/policy.json');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    // The width of ages up to 60, not of those up to 9999.
    expect(JSON.parse(readFileSync(at('saved/policy.json'), 'utf8')).columns.age.hierarchy.width).toBeLessThan(10);
    const second = sumus(...words, 'saved/policy.json');
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(second.stdout).sha256.output).toBe(JSON.parse(first.stdout).sha256.output);
  });

  it('shows the signs that move a cursor, and does not send them', () => {
    writeFileSync(at('signs.csv'), 'na\u001b[31mme,b\nx\u001b]0;t\u0007,1\nx\u001b]0;t\u0007,1\n');
    const { status, stdout } = sumus('data', 'anonymize', 'signs.csv', '-q', 'na\u001b[31mme', '-k', '2');
    expect(status).toBe(0);
    expect(stdout).toContain('na·[31mme');
    expect(stdout).not.toContain('\u001b');
    expect(sumus('data', 'risk', 'signs.csv', '-q', 'na\u001b[31mme').stdout).not.toContain('\u001b');
  });

  it('says aloud that others can read the key of the pseudonyms', () => {
    const words = ['data', 'anonymize', 'people.csv', '--policy', 'policy.yaml', '--pseudonym-key', 'key'];
    chmodSync(at('key'), 0o644);
    expect(sumus(...words).stderr).toContain('others on this machine can read key');
    chmodSync(at('key'), 0o600);
    expect(sumus(...words)).toMatchObject({ status: 0, stderr: '' });
  });

  it('takes options instead of a policy, and writes down the policy that they mean', () => {
    const words = [
      '-q',
      'age,zip,sex',
      '-s',
      'illness',
      '-k',
      '4',
      '--l-diversity',
      'entropy:1.5',
      '--hierarchy',
      'sex=sex.csv',
    ];
    const first = sumus(
      'data',
      'anonymize',
      'people.csv',
      ...words,
      '--suppression-limit',
      '2%',
      '--save-policy',
      'meant.json',
      '--json',
    );
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const second = sumus('data', 'anonymize', 'people.csv', '--policy', 'meant.json', '--json');
    const [one, two] = [JSON.parse(first.stdout), JSON.parse(second.stdout)];
    expect(two.score).toBe(one.score);
    expect(two.sha256.output).toBe(one.sha256.output);
    expect(one.removedColumns).toEqual(['name', 'note']);
  });

  it.each(['mondrian', 'mondrian-relaxed'])('cuts with %s', (method) => {
    const { status, stdout } = sumus(
      'data',
      'anonymize',
      'people.csv',
      '-q',
      'age,zip,sex',
      '-k',
      '5',
      '--missing',
      'drop-rows',
      '--method',
      method,
      '--json',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ suppressed: 0, droppedRows: 1, releasedRows: 600 });
  });

  it('adds exact noise from the operating system, and prints what a cell and a row cost', () => {
    const noise = `version: 1
columns:
  age: { role: quasi-identifying, hierarchy: { kind: numbers, width: 10 } }
  zip: { role: insensitive, noise: { kind: gaussian, noiseMultiplier: 2, delta: 1.0e-6, lower: 8000, upper: 8100, resolution: 1 } }
  sex: { role: insensitive, noise: { kind: randomised-response, epsilon: 1, categories: [m, f] } }
otherColumns: remove
models: [{ kind: k-anonymity, k: 5 }]
rowOrder: shuffled
`;
    writeFileSync(at('noise.yaml'), noise);
    const words = ['data', 'anonymize', 'people.csv', '--policy', 'noise.yaml'];
    const answer = JSON.parse(sumus(...words, '--json', '--out', 'noisy.csv').stdout);
    const [gaussian, response] = answer.noise.columns;
    // σ of two sensitivities at δ = 10⁻⁶: the Gaussian mechanism's ε is 2.2541 (Balle and Wang 2018).
    expect(gaussian.cost.epsilon).toBeGreaterThan(2.254);
    expect(gaussian.cost.epsilon).toBeLessThan(2.2551);
    expect(response.cost).toEqual({ epsilon: 1, delta: 0 });
    expect(answer.noise.perRow.epsilon).toBeCloseTo(gaussian.cost.epsilon + 1, 12);
    const zips = readFileSync(at('noisy.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[1]));
    expect(Math.min(...zips)).toBe(8000);
    expect(Math.max(...zips)).toBe(8100);
    const { stdout } = sumus(...words);
    expect(stdout).toMatch(/noise, sex +randomised-response, ε = 1\.000 a cell; true with probability 0\.7311/);
    expect(stdout).toMatch(/noise, a row +ε = 3\.\d+ at δ = 0\.000001/);
  });

  it('measures what the release is good for, beside the clear table and beside guessing', () => {
    const words = ['data', 'anonymize', 'people.csv', '-q', 'age,zip,sex', '-s', 'illness', '-k', '5', '--utility'];
    const { status, stdout, stderr } = sumus(...words, 'illness', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { utility } = JSON.parse(stdout);
    expect(utility.target).toBe('illness');
    for (const share of [utility.clear, utility.anonymised, utility.baseline]) {
      expect(share).toBeGreaterThan(0.1);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(sumus(...words, 'age').stderr).toContain('it is learned from, not learned');
    expect(sumus(...words, 'note').stderr).toContain('has no column note');
  });

  it('says with exit code 1 that there is no such table', () => {
    const words = ['data', 'anonymize', 'people.csv', '-q', 'age', '-k', '700', '--suppression-limit', '0'];
    const { status, stdout, stderr } = sumus(...words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('no generalisation satisfies the models');
  });

  it.each([
    [['-q', 'age,shoe', '-k', '5'], 'no column shoe', 2],
    [['-q', 'sex', '-k', '5', '--hierarchy', 'sex=people.csv'], 'people.csv', 1],
    [['--policy', 'policy.yaml'], '--pseudonym-key', 2],
  ])('refuses %j, naming what is wrong', (words, named, code) => {
    const { status, stdout, stderr } = sumus('data', 'anonymize', 'people.csv', ...words);
    expect({ status, stdout }).toEqual({ status: code, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr).not.toContain('    at ');
  });
});

describe('the options of sumus data anonymize', () => {
  const chosen = (options: PolicyOptions) => choosePolicy(options).policy;

  it('mean the policy that they name', () => {
    const policy = chosen({
      quasiIdentifiers: 'age, sex',
      sensitive: 'illness,pay',
      insensitive: 'note',
      k: '5',
      lDiversity: ['3@illness', 'recursive:4:2@pay'],
      tCloseness: ['0.2:ordered@pay'],
      deltaDisclosure: ['1:violates@illness'],
      suppressionLimit: '5%',
      measure: 'discernibility',
      missing: 'drop-rows',
    });
    expect(policy.models).toEqual([
      { kind: 'k-anonymity', k: 5 },
      { kind: 'distinct-l-diversity', attribute: 'illness', l: 3 },
      { kind: 'recursive-cl-diversity', attribute: 'pay', c: 4, l: 2 },
      { kind: 't-closeness', attribute: 'pay', t: 0.2, distance: 'ordered' },
      { kind: 'delta-disclosure', attribute: 'illness', delta: 1, absent: 'violates' },
    ]);
    expect(policy.method).toEqual({
      kind: 'full-domain',
      measure: 'discernibility',
      suppressionLimit: 0.05,
      suppressionWeight: 0.5,
    });
    expect(policy.otherColumns).toBe('remove');
    expect(Object.keys(policy.columns)).toEqual(['age', 'sex', 'illness', 'pay', 'note']);
  });

  it.each<[PolicyOptions, RegExp]>([
    [{ k: '5' }, /--quasi-identifiers/],
    [{ quasiIdentifiers: 'age', k: 'five' }, /"five" is no number/],
    [{ quasiIdentifiers: 'age', k: '0' }, /k is a whole number from 1/],
    [{ quasiIdentifiers: 'age' }, /names no model/],
    [{ quasiIdentifiers: 'age', sensitive: 'age', k: '5' }, /two roles/],
    [{ quasiIdentifiers: 'age', k: '5', lDiversity: ['2'] }, /of which sensitive column/],
    [{ quasiIdentifiers: 'age', sensitive: 's', k: '5', lDiversity: ['odd:2'] }, /distinct:L, entropy:L or recursive/],
    [{ quasiIdentifiers: 'age', k: '5', suppressionLimit: '120%' }, /from 0% to 100%/],
    [{ quasiIdentifiers: 'age', k: '5', hierarchy: ['sex'] }, /COLUMN=FILE/],
    [{ quasiIdentifiers: 'age', k: '5', policy: 'policy.yaml' }, /leave out quasiIdentifiers, k/],
    [{ quasiIdentifiers: 'age', k: '5', method: 'magic' }, /magic/],
    [{ quasiIdentifiers: 'age', k: '5', method: 'mondrian', measure: 'loss' }, /full-domain search/],
  ])('are refused where they mean nothing: %j', (options, message) => {
    expect(() => chosen(options)).toThrow(message);
  });
});
