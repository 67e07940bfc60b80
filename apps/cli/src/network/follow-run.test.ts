// A run as its owner follows it: begun once enough have said yes, also where the server was away in that moment, and its log kept as it was.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLine, type RunEvent } from '@sumus/federation/run';
import { Problem } from '@sumus/wire/problem';
import { afterEach, expect, it } from 'vitest';
import { followRun, type RunToFollow } from './follow-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus-follow-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const accepted: RunEvent = {
  kind: 'plan accepted by member',
  atMs: 1,
  cause: { member: 'aarau', number: 1 },
};
const over: RunEvent = { kind: 'run ended', atMs: 2, why: 'all rounds done', text: 'All rounds are done.' };

it('asks again to begin where the server was away, and keeps every event once', async () => {
  const logFile = join(folder, 'events.jsonl');
  const started: string[] = [];
  const status = { phase: 'gathering' } as Awaited<ReturnType<RunToFollow['status']>>;
  const run: RunToFollow = {
    logFile,
    keepDesk: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    watch: async (_, happened) => {
      await expect(happened(accepted, 0)).rejects.toThrow(/busy/);
      // As OwnerRun does after a line that broke: from the last event that was taken in.
      await happened(accepted, 0);
      await happened(over, 1);
    },
    status: async () => status,
    start: async () => {
      started.push('asked');
      if (started.length === 1) throw new Problem('unavailable', 'the server is busy');
      return status;
    },
  };
  const seen: string[] = [];
  const { view } = await followRun(run, {
    signal: new AbortController().signal,
    startWith: 1,
    onEvent: (_, { kind }) => seen.push(kind),
    onAnswer: () => undefined,
  });
  expect(started).toEqual(['asked', 'asked']);
  expect(seen).toEqual(['plan accepted by member', 'run ended']);
  expect(readFileSync(logFile, 'utf8')).toBe(`${eventLine(accepted)}\n${eventLine(over)}\n`);
  expect(view.ended?.why).toBe('all rounds done');
});
