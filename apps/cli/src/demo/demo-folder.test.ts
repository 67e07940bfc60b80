// Where demonstrations lie, and what their participants are shown to do.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIdx } from '@sumus/dataset/idx';
import { labelledExamples } from '@sumus/simulation/examples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digitsOf, endDemo, openDemo, writeDigits } from './demo-folder.ts';
import { Stages } from './stages.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sumus demos '));
});
afterEach(() => rmSync(home, { recursive: true }));

const ridge = { model: 'ridge', participants: 5 } as const;

describe('the folder of a demonstration', () => {
  it('is gone on with until it is over; then the next one is another, and nothing is deleted', () => {
    const first = openDemo(home, ridge, 1_795_000_000_000);
    expect(first.isResumed).toBe(false);
    const again = openDemo(home, ridge, 1_795_000_100_000);
    expect([again.path, again.isResumed]).toEqual([first.path, true]);
    endDemo(again);
    const next = openDemo(home, ridge, 1_795_000_200_000);
    expect([next.isResumed, next.path === first.path]).toEqual([false, false]);
    expect(readdirSync(home)).toHaveLength(2);
  });

  it('is of one model: another is begun beside it', () => {
    const first = openDemo(home, ridge, 1_795_000_000_000);
    expect(openDemo(home, { ...ridge, model: 'lenet' }, 1_795_000_001_000).path).not.toBe(first.path);
  });

  it('with half of a state is none', () => {
    const first = openDemo(home, ridge, 1_795_000_000_000);
    writeFileSync(join(first.path, 'demo.json'), '{"model":"ri');
    expect(openDemo(home, ridge, 1_795_000_001_000).isResumed).toBe(false);
  });

  it('has each one’s digits as images are kept, byte for byte', () => {
    const inputs = Float32Array.from({ length: 2 * 784 }, (_, i) => (i % 256) / 255);
    const part = labelledExamples({
      name: 'participant-1',
      inputSize: 784,
      inputs,
      labels: Uint32Array.of(0, 1),
      classNames: ['0', '1'],
    });
    writeDigits(home, { parts: [part], test: { ...part, name: 'test' } });
    const { shape, data } = readIdx(readFileSync(join(digitsOf(home, 'participant-1'), 'train-images-idx3-ubyte')));
    expect(shape).toEqual([2, 28, 28]);
    expect([...data].slice(0, 300)).toEqual(Array.from({ length: 300 }, (_, i) => i % 256));
    expect(readdirSync(digitsOf(home, 'test')).sort()).toEqual(['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']);
  });
});

describe('what participants do', () => {
  it('is said from their own lines, one each; a cursor is not moved by any', () => {
    const stages = new Stages(['participant-1', 'participant-2', 'participant-3']);
    stages.heard('participant-1', { kind: 'training', step: 1, steps: 4 });
    stages.heard('participant-2', { kind: 'sending', sent: 50_000, bytes: 200_000 });
    stages.heard('participant-2', { kind: 'something new' });
    stages.heard('participant-3', { kind: 'disconnected', why: 'gone\u001b[2J' });
    expect(stages.lines({ width: 80, hasColour: false })).toEqual([
      'participant-1  works on its digits ████░░░░░░░░░░░░',
      'participant-2  sends 200.0 KB, protected ████░░░░░░░░░░░░',
      'participant-3  not connected: gone·[2J',
    ]);
  });
});
