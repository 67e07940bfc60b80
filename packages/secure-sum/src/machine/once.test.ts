import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { stepOnce } from './once.ts';

describe('a state', () => {
  it('is used once', async () => {
    const state = {};
    await stepOnce(state, () => ({ state: {} }));
    await expect(stepOnce(state, () => ({ state: {} }))).rejects.toThrow(ParameterError);
  });

  it('is not used twice at once', async () => {
    const state = {};
    let go = (): void => {};
    const waits = new Promise<void>((resolve) => {
      go = resolve;
    });
    const first = stepOnce(state, () => waits.then(() => ({ state: {} })));
    await expect(stepOnce(state, () => ({ state: {} }))).rejects.toThrow(ParameterError);
    go();
    await first;
  });

  it('may be used again after a refusal, and after an answer that changed nothing', async () => {
    const state = {};
    await expect(stepOnce(state, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await stepOnce(state, () => ({ state }));
    await expect(stepOnce(state, () => ({ state: {} }))).resolves.toBeDefined();
  });
});
