import type { Progress } from '@sumus/client/participation';
import { describe, expect, it } from 'vitest';
import { foldProgress, joinLines, joinViewOf, progressText } from './join-view.ts';

const story: readonly Progress[] = [
  { kind: 'connected', isAgain: false },
  { kind: 'standing', standing: 'accepted' },
  { kind: 'round', round: 3, members: ['aarau', 'basel', 'chur'], takesPart: true },
  { kind: 'phase', round: 3, phase: 'contributing' },
  { kind: 'training', round: 3, epoch: 2, epochs: 4, step: 15, steps: 40, loss: 0.4321 },
  { kind: 'sending', type: 'words', sent: 250_000, bytes: 1_000_000 },
  { kind: 'note', text: 'sits out.', refusals: [] },
];
const plain = { width: 60, hasColour: false };

describe('the view of a participation', () => {
  it('says where it stands, how far training and sending are, and what went wrong', () => {
    const view = story.reduce(foldProgress, joinViewOf('digits', 'basel'));
    expect(joinLines(view, plain)).toEqual([
      'run       digits as basel; accepted',
      'round     3, contributing',
      'training  epoch 2 of 4, loss 0.432, 15/40 ███████░░░░░░░░░░░',
      'sending   250.0 KB of 1.0 MB ██████░░░░░░░░░░░░░░░░░░',
      'models    0 came out, 0 with a part of its own',
      'trouble   sits out.',
    ]);
  });

  it('forgets what is done, and says that the line broke', () => {
    const after: readonly Progress[] = [
      ...story,
      { kind: 'trained', round: 3, ms: 1200 },
      { kind: 'sending', type: 'words', sent: 1_000_000, bytes: 1_000_000 },
      { kind: 'disconnected', why: 'nobody answers\u001b[2J', nextTryMs: 1500 },
    ];
    const lines = joinLines(after.reduce(foldProgress, joinViewOf('digits', 'basel')), plain);
    expect(lines[0]).toBe('run       digits as basel, not connected; accepted');
    expect(lines.some((line) => /training|sending/.test(line))).toBe(false);
    expect(lines.at(-1)).toBe('trouble   nobody answers·[2J; again in 2 s');
  });

  it('as lines leaves out what only a live view shows', () => {
    expect(story.map(progressText)).toEqual([
      'connected',
      'standing: accepted',
      'round 3: taking part, 3 members',
      undefined,
      undefined,
      undefined,
      'sits out.',
    ]);
  });
});
