// The first private training with a table of one's own, as a user would type it: plan new, serve, start, join three times. Every command is a
// process of its own, and the server is another program.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from './own-program.ts';

let home = '';
const at = (name: string): string => join(home, name);
const running = new Set<ChildProcess>();

interface Command {
  /** The JSON lines so far. */
  readonly lines: Readonly<Record<string, unknown>>[];
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** The first line that is wanted; throws where the command ends without it. */
  line(kind: string, count?: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): void;
}

function sumus(...words: string[]): Command {
  const child = spawn(process.execPath, [ownProgram(), ...words], {
    cwd: home,
    env: { ...process.env, SUMUS_HOME: at('home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  const lines: Readonly<Record<string, unknown>>[] = [];
  const watchers = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.stdout += `${line}\n`;
    if (line.startsWith('{')) lines.push(JSON.parse(line));
    for (const watcher of watchers) watcher();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, ...said });
      for (const watcher of watchers) watcher();
    });
  });
  return {
    lines,
    ended,
    line: (kind, count = 1) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.filter((one) => one['kind'] === kind);
          if (found.length >= count) resolve(found);
          else if (!running.has(child)) reject(new Error(`${words[0]} ended: ${said.stdout}${said.stderr}`));
          else return;
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      }),
    stop: () => child.kill('SIGINT'),
  };
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sumus network '));
  const rows = Array.from({ length: 240 }, (_, i) => {
    const age = 20 + ((i * 37) % 60);
    const risk = ['low', 'mid', 'high'][(i * 7) % 3];
    return `${age},${risk},${age + (risk === 'high' ? 25 : 0) > 55 ? 'ill' : 'well'}`;
  });
  writeFileSync(at('mine.csv'), `age,risk,outcome\n${rows.join('\n')}\n`);
});

afterAll(async () => {
  // In order, so that whoever started a server ends it.
  const left = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(left);
  rmSync(home, { recursive: true, force: true });
}, 30_000);

describe('a first private training with a table of one’s own', () => {
  it('takes a plan, a server, a start and three who join, and ends with a model', async () => {
    const made = [
      '--name',
      'mine',
      '--data',
      'mine.csv',
      '--target',
      'outcome',
      '--model',
      'logistic',
      '--rounds',
      '3',
    ];
    const sizes = ['--minimum', '3', '--maximum', '3', '--minimum-units', '20', '--learning-rate', '0.5'];
    const planned = await sumus('plan', 'new', '--yes', ...made, ...sizes, '--out', 'plan.json').ended;
    expect([planned.code, planned.stderr]).toEqual([0, '']);

    const server = sumus('serve', '--listen', '127.0.0.1:0', '--state', 'server', '--quiet', '--json');
    await server.line('ready');
    const owner = sumus('start', 'plan.json', '--invite', 'aarau,basel,chur', '--json');
    const invited = await owner.line('invited', 3);
    const link = (place: number): string => String(invited[place]?.['link']);

    // Looking says nothing and sends nothing: nobody has asked for a certificate.
    const dry = await sumus('join', link(0), '--data', 'mine.csv', '--state', 'aarau', '--dry-run', '--json').ended;
    expect(dry.code).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({ kind: 'dry run', judgement: { kind: 'accepted' } });
    // A policy that wants differential privacy says no, and nothing is sent.
    writeFileSync(at('policy.json'), JSON.stringify({ format: 'sumus/policy/1' }));
    const strict = await sumus('join', link(0), '--data', 'mine.csv', '--policy', 'policy.json').ended;
    expect([strict.code, strict.stderr]).toEqual([2, expect.stringMatching(/policy\.json is no policy/)]);
    expect(owner.lines.some(({ kind }) => kind === 'answered')).toBe(false);

    const members = ['aarau', 'basel', 'chur'].map((name, place) => {
      const data = ['--data', 'mine.csv', '--part', `${place + 1}/3`, '--state', name];
      return sumus('join', link(place), ...data, '--yes', '--json');
    });
    const results = await Promise.all([...members, owner].map(({ ended }) => ended));
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']));
    for (const { lines } of members) {
      // Columns are summed once before three rounds: four receipts.
      expect(lines.at(-1)).toMatchObject({ kind: 'ended', how: 'run over', receipts: 4 });
      expect(lines.find(({ kind }) => kind === 'data')).toMatchObject({ examples: 80 });
    }
    expect(owner.lines.at(-1)).toMatchObject({
      kind: 'ended',
      why: 'all rounds done',
      sums: 4,
      file: 'mine.safetensors',
    });

    const tried = await sumus('model', 'evaluate', 'mine.safetensors', '--data', 'mine.csv', '--json').ended;
    expect(JSON.parse(tried.stdout).accuracy).toBeGreaterThan(0.8);
    const told = await sumus('status', 'mine', '--json').ended;
    expect(JSON.parse(told.stdout).runs[0].status).toMatchObject({ phase: 'ended', version: 4 });

    // A used link makes nobody else a member, and the keys of the owner are the owner's alone.
    const thief = await sumus('join', link(0), '--data', 'mine.csv', '--state', 'thief', '--yes', '--json').ended;
    expect(thief.code).toBe(1);
    expect(thief.stderr).toMatch(/used/);
    if (process.platform !== 'win32') {
      expect(statSync(at('home/owner/runs/mine/invitations.jsonl')).mode & 0o777).toBe(0o600);
    }
    const secrets = readFileSync(at('home/owner/runs/mine/invitations.jsonl'), 'utf8');
    for (const [, secret] of secrets.matchAll(/"secret":"([0-9a-f]{32})"/g)) {
      for (const { lines } of [server, owner]) expect(JSON.stringify(lines)).not.toContain(secret);
    }

    // What was given can be taken back: an invitation, a certificate, and the whole run.
    const second = sumus('start', 'plan.json', '--run', 'second', '--out', 'second.safetensors', '--json');
    const [again] = await second.line('invited', 3);
    const revoked = await sumus('revoke', 'second', 'participant-1', '--json').ended;
    expect(JSON.parse(revoked.stdout)).toMatchObject({
      hadCertificate: false,
      told: [{ trouble: null }, { trouble: null }],
    });
    const late = ['--data', 'mine.csv', '--state', 'late', '--yes', '--json'];
    const refused = await sumus('join', String(again?.['link']), ...late).ended;
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/taken back/)]);
    const old = await sumus('revoke', 'mine', 'chur', '--json').ended;
    expect(JSON.parse(old.stdout)).toMatchObject({
      hadCertificate: true,
      told: [{ trouble: null }, { trouble: null }],
    });
    const stopped = await sumus('stop', 'second', '--json').ended;
    expect(JSON.parse(stopped.stdout)).toEqual({ run: 'second', phase: 'ended', sums: 0 });
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(second.lines.at(-1)).toMatchObject({ kind: 'ended', why: 'stopped by its owner', file: null });

    server.stop();
    expect((await server.ended).code).toBe(0);
  }, 180_000);
});
