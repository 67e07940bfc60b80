// sumus encrypted train as its users meet it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './program.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

const train = (...words: string[]) => sumus('train', ...words);

async function sumus(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await runCommandLine(['encrypted', ...words]), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-train-'));
  const row = (i: number): string => {
    const [a, b] = [((i * 7919) % 97) / 97, ((i * 104729) % 89) / 89];
    return `${a.toFixed(4)},${b.toFixed(4)},${a + b / 2 + ((i * 31) % 10) / 40 > 0.85 ? 1 : 0}`;
  };
  writeFileSync(at('rows.csv'), `a,b,ill\n${Array.from({ length: 200 }, (_, i) => row(i)).join('\n')}\n`);
  writeFileSync(at('bad-label.csv'), 'a,ill\n0.1,0\n0.2,2\n');
  writeFileSync(at('missing.csv'), 'a,ill\n0.1,0\n,1\n');
  writeFileSync(at('words.csv'), 'a,ill\nred,0\nblue,1\n');
  writeFileSync(
    at('alike.csv'),
    `${Array.from({ length: 16 }, (_, j) => `x${j}`).join(',')},y\n${Array.from({ length: 100 }, (_, i) => `${Array.from({ length: 16 }, (_v, j) => (0.8 + ((i * (j + 3)) % 10) / 50).toFixed(3)).join(',')},${i % 10 === 0 ? 1 : 0}`).join('\n')}\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('sumus encrypted train', () => {
  it('on ciphertexts gives the weights of the twin', async () => {
    const words = ['--data', at('rows.csv'), '--iterations', '3', '--json'];
    const clear = JSON.parse((await train(...words, '--clear')).stdout);
    const { status, stdout, stderr } = await train(...words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const hidden = JSON.parse(stdout);
    expect(hidden).toMatchObject({ encrypted: true, equalDecisionsPercent: 100 });
    expect(hidden.parameters).toContain('128-bit security');
    hidden.weights[0].forEach((weight: number, j: number) => {
      expect(weight).toBeCloseTo(clear.weights[0][j], 5);
    });
    expect(clear).toMatchObject({ released: true, encrypted: false, columns: ['a', 'b', '1'] });
  }, 60_000);

  it('cross-validates, and the same seed gives the same folds', async () => {
    const words = ['--data', at('rows.csv'), '--label', 'ill', '--folds', '5', '--clear', '--json'];
    const first = JSON.parse((await train(...words)).stdout);
    expect(first.folds).toBe(5);
    expect(first.accuracyPercent).toBeGreaterThan(70);
    expect(JSON.parse((await train(...words)).stdout).area).toBe(first.area);
    expect(JSON.parse((await train(...words, '--seed', '2')).stdout).area).not.toBe(first.area);
  });

  it('refuses to release what left the interval, and says where; projected it stays inside', async () => {
    const words = ['--data', at('alike.csv'), '--scale', 'none', '--norm-bound', '5', '--clear', '--json'];
    const { stdout } = await train(...words);
    expect(JSON.parse(stdout)).toMatchObject({ released: false });
    expect(JSON.parse(stdout).reason).toMatch(/outside the interval ±8/);
    expect(JSON.parse((await train(...words, '--project')).stdout)).toMatchObject({ released: true });
  });

  it('under a guarantee writes a statement that was checked again, and refuses what nothing proves', async () => {
    const words = [
      '--data',
      at('rows.csv'),
      '--scale',
      'unit',
      '--optimiser',
      'gradient-descent',
      '--epsilon',
      '1',
      '--clear',
      '--json',
    ];
    const { released, statements, statementsChecked, accuracyPercent, area } = JSON.parse(
      (await train(...words, '--project')).stdout,
    );
    expect(released).toBe(true);
    expect(statementsChecked).toEqual(['holds']);
    expect(statements[0]).toMatchObject({
      epsilon: 1,
      delta: 1e-5,
      adjacency: 'replace-one',
      normBound: 1,
      rowCount: 200,
    });
    // Nor is anything said of the rows that no noise was added to.
    expect(accuracyPercent).toBeNull();
    expect(area).toBeNull();
    expect(await train(...words)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no guarantee.*nothing keeps/),
    });
    expect(await train(...words, '--project', '--folds', '5')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/a row is in 4 of these models/),
    });
  });

  it('refuses by name what cannot be trained on', async () => {
    const refusals: readonly (readonly [string[], RegExp])[] = [
      [['--data', at('bad-label.csv')], /label of row 1 is not 0 or 1/],
      [['--data', at('missing.csv')], /a of row 2 is not a finite number/],
      [['--data', at('words.csv')], /column a holds no numbers/],
      [['--data', at('rows.csv'), '--label', 'sick'], /no column sick/],
      [['--data', at('rows.csv'), '--scale', 'none'], /needs --norm-bound/],
      [['--data', at('rows.csv'), '--scale', 'none', '--norm-bound', '1'], /row \d+ is longer than B = 1/],
      [['--data', at('rows.csv'), '--degree', '4'], /degree 3, 5, 7, 9, not 4/],
      [['--data', at('rows.csv'), '--iterations', '0'], /--iterations is a whole number/],
      [['--data', at('rows.csv'), '--project', '1'], /--project goes with --clear/],
      [['--data', at('rows.csv'), '--epsilon', '1'], /scaling looks at all rows/],
      [['--data', at('rows.csv'), '--refresh', 'none', '--degree', '9', '--iterations', '14'], /levels/],
    ];
    for (const [words, reason] of refusals) {
      const { status, stderr } = await train(...words);
      expect({ words, status }).toEqual({ words, status: 2 });
      expect(stderr).toMatch(reason);
    }
  });
});

describe('a training between two machines', () => {
  const offer = (): string[] => ['--offer', at('task.json')];
  const secret = (): string[] => ['--secret', at('keys/secret.key')];
  const ran = async (...words: string[]): Promise<string> => {
    const { status, stdout, stderr } = await sumus(...words);
    expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' });
    return stdout;
  };

  it('goes from a task to weights whose folds decide as the twin does', async () => {
    const recipe = ['--iterations', '2', '--degree', '3', '--folds', '2'];
    await ran('task', '--rows', '200', '--columns', '3', ...recipe, '--out', at('task.json'));
    await ran('keygen', ...offer(), '--out', at('keys'));
    await ran('encrypt', ...offer(), ...secret(), '--data', at('rows.csv'), '--out', at('rows.enc'));
    await ran(
      'train',
      '--data',
      at('rows.enc'),
      '--keys',
      at('keys/evaluation.keys'),
      ...secret(),
      ...recipe,
      '--out',
      at('weights.enc'),
      '--json',
    );
    const opened = JSON.parse(
      await ran('decrypt', ...offer(), ...secret(), '--data', at('weights.enc'), '--rows', at('rows.csv'), '--json'),
    );
    expect(opened).toMatchObject({ released: true, equalDecisionsPercent: 100 });
    expect(opened.weights.length).toBe(2);
    expect(opened.weightDifference).toBeLessThan(1e-5);
    expect(opened.accuracyPercent).toBeGreaterThan(70);
  }, 90_000);

  it('refuses another recipe than the rows were encrypted for, rows of another size, and keys and files of another task', async () => {
    await ran(
      'task',
      '--rows',
      '199',
      '--columns',
      '3',
      '--iterations',
      '2',
      '--degree',
      '3',
      '--refresh',
      'none',
      '--out',
      at('other.json'),
    );
    const refused = async (reason: RegExp, ...words: string[]): Promise<void> => {
      const { status, stderr } = await sumus(...words);
      expect({ words, status }).toEqual({ words, status: 2 });
      expect(stderr).toMatch(reason);
    };
    const rows = ['--data', at('rows.enc'), '--keys', at('keys/evaluation.keys'), ...secret()];
    await refused(/encrypted for --iterations 2, not 9/, 'train', ...rows, '--iterations', '9', '--out', at('no.enc'));
    await refused(/need --keys and --out/, 'train', '--data', at('rows.enc'));
    await refused(/--clear takes a table/, 'train', ...rows, '--clear');
    await refused(
      /made for another offer/,
      'decrypt',
      '--offer',
      at('other.json'),
      ...secret(),
      '--data',
      at('weights.enc'),
    );
    await refused(
      /made for another offer/,
      'encrypt',
      '--offer',
      at('other.json'),
      ...secret(),
      '--data',
      at('rows.csv'),
      '--out',
      at('no.enc'),
    );
    const text = readFileSync(at('task.json'), 'utf8');
    for (const [from, to, reason] of [
      ['"iterations":"2"', '"iterations":"100000"', /at most 500/],
      ['"folds":"2"', '"folds":"1e9"', /at most 500/],
      ['"rows":200', '"rows":1e15', /more than one training takes/],
      ['"rate":"10"', '"rate":"1e999"', /--rate is a positive number/],
    ] as const) {
      writeFileSync(at('hostile.json'), text.replace(from, to));
      await refused(reason, 'keygen', '--offer', at('hostile.json'), '--out', at('no'));
    }
    await refused(/holds inputs, and outputs are needed/, 'decrypt', ...offer(), ...secret(), '--data', at('rows.enc'));
  }, 60_000);
});
