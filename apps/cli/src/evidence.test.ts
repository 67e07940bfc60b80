// sumus evidence as its user meets it: a log that a simulation wrote, two files out, exit codes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerText } from '@sumus/federation/ledger';
import { eventLine } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { play } from '@sumus/simulation/replay';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { keepLog, logPath } from './network/kept-log.ts';
import { openOwnerFolder } from './network/owner-folder.ts';
import { writeRunRecord } from './network/run-record.ts';
import { runCommandLine } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus evidence '));
afterAll(() => rmSync(folder, { recursive: true }));

async function sumus(...words: string[]) {
  let [stdout, stderr] = ['', ''];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      stdout += String(text);
      return true;
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text);
      return true;
    }),
  ];
  try {
    const status = await runCommandLine(['evidence', ...words]);
    return { status, stdout, stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const { simulated } = await play(nodePrimitives(), 1, { protection: 'mask', faults: [] });
const lines = simulated.server.disk.events.map(eventLine);
const log = file('run.jsonl', lines.map((line) => `${line}\n`).join(''));
const [member] = simulated.members;
const ledger = file('ledger.jsonl', ledgerText(member!.state!.ledger.records));

describe('sumus evidence', () => {
  it('writes a page and JSON of a log, and says how far each artefact is shown', async () => {
    const out = join(folder, 'whole');
    const { status, stdout } = await sumus(log, '--ledger', `${member!.name}=${ledger}`, '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ 6 {2}Signed log of every round +shown in part/);
    expect(stdout).toMatch(/10 {2}Membership inference +not shown/);
    const evidence = JSON.parse(readFileSync(join(out, 'evidence.json'), 'utf8'));
    expect(evidence.artefacts).toHaveLength(21);
    expect(evidence.log).toMatchObject({ isIntact: true, events: lines.length });
    const page = readFileSync(join(out, 'evidence.html'), 'utf8');
    expect(page).toContain(evidence.log.head);
    expect(page).not.toMatch(/complian|<script/i);
    const again = await sumus(log, '--out', out);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
  });

  it('of a log that was tampered with writes what it found, and ends with exit code 1', async () => {
    const bad = file(
      'bad.jsonl',
      lines
        .with(2, lines[2]!.replace('member joined', 'member jolted'))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const { status, stdout } = await sumus(bad, '--json', '--out', join(folder, 'bad'));
    expect(status).toBe(1);
    const said = JSON.parse(stdout);
    expect(said.log.isIntact).toBe(false);
    expect(said.log.findings[0]).toMatchObject({ at: 2, code: 'unreadable' });
    expect(readFileSync(join(folder, 'bad', 'evidence.html'), 'utf8')).toContain('Something is wrong');
  });

  it('shows signs of a log that would steer a terminal, and does not obey them', async () => {
    const steering = file('steering.jsonl', `${lines[0]}\n{"kind":"member left","\\u001b[2J":1}\n`);
    const { status, stdout } = await sumus(steering, '--out', join(folder, 'steering'));
    expect([status, stdout]).toEqual([1, expect.stringContaining('·[2J')]);
    expect(stdout).not.toContain('\u001b');
  });

  it('holds a log against the digest that was kept of it', async () => {
    const whole = JSON.parse((await sumus(log, '--json', '--out', join(folder, 'first'))).stdout);
    const { events, head } = whole.log;
    const kept = ['--size', String(events), '--head', head];
    expect((await sumus(log, ...kept, '--out', join(folder, 'again'))).status).toBe(0);
    const cut = file(
      'cut.jsonl',
      lines
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const { status, stdout } = await sumus(cut, ...kept, '--out', join(folder, 'cut'));
    expect([status, stdout]).toEqual([1, expect.stringMatching(/WRONG {2}digest/)]);
  });

  it('of a run whose server is gone takes the log that was kept, and keeps its digest for the next time', async () => {
    const keys = join(folder, 'owner');
    await openOwnerFolder(keys);
    const { plan, server } = simulated.enrolment;
    const coordinator = Buffer.from(server.publicKey).toString('hex');
    const address = { url: 'http://127.0.0.1:9', coordinator, fingerprint: undefined };
    writeRunRecord(keys, { runId: 'gone', projectId: 'gone', server: address, plan, createdAtMs: 1 });
    const run = (out: string) => sumus('gone', '--keys', keys, '--out', join(folder, out));
    expect((await run('nothing')).stderr).toMatch(/ECONNREFUSED/);
    keepLog(logPath(keys, 'gone'), lines);
    const { status, stdout } = await run('kept');
    expect([status, stdout]).toEqual([0, expect.stringContaining('does not answer')]);
    keepLog(logPath(keys, 'gone'), lines.slice(0, -1));
    expect((await run('cut again')).stdout).toMatch(/WRONG {2}digest/);
  });

  it('takes statements, and refuses what cannot be meant', async () => {
    const statements = file(
      'statements.json',
      JSON.stringify({ format: 'sumus/statements/1', by: 'us', controllers: ['Us.'] }),
    );
    const out = join(folder, 'stated');
    expect((await sumus(log, '--statements', statements, '--out', out)).status).toBe(0);
    expect(readFileSync(join(out, 'evidence.html'), 'utf8')).toContain('us: controllers');
    for (const words of [
      ['--size', '3'],
      ['--owner', 'me'],
      ['--ledger', 'x'],
      ['--size', 'x', '--head', '00'.repeat(32)],
    ])
      expect((await sumus(log, ...words, '--out', join(folder, 'none'))).status, words.join(' ')).toBe(2);
    expect((await sumus('no-such-run', '--keys', join(folder, 'nobody'))).status).toBe(2);
  });
});
