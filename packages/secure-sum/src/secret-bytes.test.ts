import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ParameterError } from './errors.ts';
import { SecretBytes } from './secret-bytes.ts';

describe('secret bytes', () => {
  it('do not print, serialise, spread or clone', () => {
    const secret = new SecretBytes(Uint8Array.of(201, 202, 203));
    const shown = [
      inspect(secret, { showHidden: true, depth: 9 }),
      String(secret),
      `${secret}`,
      inspect({ ...secret }),
    ];
    for (const text of shown) expect(text).not.toMatch(/20[123]|c9|ca|cb/);
    expect(shown[0]).toBe('SecretBytes(3)');
    expect(() => JSON.stringify({ secret })).toThrow(ParameterError);
    const clone: unknown = structuredClone(secret);
    expect(clone).toEqual({ length: 3 });
  });

  it('are a copy, and give copies', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const secret = new SecretBytes(bytes);
    bytes.fill(0);
    secret.exposeInTheClear().fill(9);
    expect([...secret.exposeInTheClear()]).toEqual([1, 2, 3]);
  });

  it('are overwritten when wiped, and refuse every later use', () => {
    const secret = new SecretBytes(Uint8Array.of(1, 2, 3));
    const held = secret.with((bytes) => bytes);
    secret.wipe();
    secret.wipe();
    expect([...held]).toEqual([0, 0, 0]);
    expect(secret.wiped).toBe(true);
    expect(() => secret.exposeInTheClear()).toThrow(/was wiped/);
    expect(() => secret.with(() => 0)).toThrow(/was wiped/);
  });
});
