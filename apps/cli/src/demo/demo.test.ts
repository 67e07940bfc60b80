// `sumus demo` as a user meets it: seven processes, real HTTP, real digits, a Ctrl-C in the middle of a round, and the same command again.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLedgerText, verifyLedger } from '@sumus/federation/ledger';
import { readNetwork } from '@sumus/learning/files';
import { nodePrimitives } from '@sumus/platform/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from '../network/own-program.ts';

let home = '';
const running = new Set<ChildProcess>();
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sumus demo '));
});
afterAll(async () => {
  // In order, so that whoever started a server ends it.
  const left = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(left);
  rmSync(home, { recursive: true, force: true });
}, 30_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `onText`: with everything it said so far. */
function demo(
  words: readonly string[],
  onText: (text: string, child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [ownProgram(), 'demo', ...words], {
    env: { ...process.env, SUMUS_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      onText(said.stdout, child);
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, ...said });
    });
  });
}

const isFull = process.env['SUMUS_FULL'] === '1';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
};

describe('sumus demo', () => {
  it('stopped in the middle of its round goes on with the same one, and ends with a private model that is good', async () => {
    let isStopped = false;
    const first = await demo([], (text, child) => {
      if (isStopped || !text.includes('round 0: 5 are asked')) return;
      isStopped = true;
      child.kill('SIGINT');
    });
    expect(first.stdout).toContain('DEMONSTRATION: this command starts the server and holds the key');
    expect(first.stdout).toContain('Stopped; nothing is lost');
    expect(first.code).toBe(1);
    const server = Number(/process (\d+);/.exec(first.stdout)?.[1]);
    expect(server).toBeGreaterThan(1);
    expect(isAlive(server)).toBe(false);

    if (isFull) {
      // Killed, it says nothing, and its server lives on: the next one ends it.
      let isKilled = false;
      const killed = await demo([], (text, child) => {
        if (isKilled || !text.includes('round 0: 5 are asked')) return;
        isKilled = true;
        child.kill('SIGKILL');
      });
      const left = Number(/process (\d+);/.exec(killed.stdout)?.[1]);
      expect(isAlive(left)).toBe(true);
      const gone = await demo(['--json']);
      expect(isAlive(left)).toBe(false);
      return look(gone);
    }
    await look(await demo(['--json']));
  }, 240_000);

  async function look(second: Ended): Promise<void> {
    expect(second.code).toBe(0);
    const result = JSON.parse(second.stdout);
    expect(readdirSync(join(home, 'demo'))).toHaveLength(1);
    expect(result).toMatchObject({ sums: 1, delta: 1e-5, epsilonText: '8' });
    expect(result.epsilon).toBeLessThanOrEqual(8);
    expect(result.accuracy).toBeGreaterThanOrEqual(0.92);
    expect(result.accuracyWithoutPrivacy).toBeGreaterThanOrEqual(result.accuracy - 0.01);
    expect(result.contributors).toHaveLength(5);
    expect(new Set(result.receipts.map(({ member }: { member: string }) => member)).size).toBe(5);
    expect(readNetwork(readFileSync(result.modelFile)).model.input).toEqual([256]);

    // Each participant's own ledger holds, and charges what was promised: once, although the round was asked for twice.
    for (const name of ['participant-1', 'participant-5']) {
      const records = readLedgerText(readFileSync(join(result.folder, 'participants', name, 'ledger.jsonl'), 'utf8'));
      const verdict = await verifyLedger(nodePrimitives(), records[0]?.owner ?? '', records);
      expect(verdict.kind).toBe('intact');
      expect(records.filter(({ content }) => content.kind === 'charged')).toHaveLength(1);
    }
    if (process.platform !== 'win32') {
      expect(statSync(join(result.folder, 'owner', 'authority.pem')).mode & 0o777).toBe(0o600);
    }
    // What vouches for participants is nowhere in what the server has.
    expect(readdirSync(join(result.folder, 'server'))).not.toContain('authority.pem');
  }
});
