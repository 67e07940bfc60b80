// Each thing that a disk, SQLite or PostgreSQL can say is told by who must act; what nobody foresaw is not dressed up as one of them.
import { describe, expect, it } from 'vitest';
import { StoreFailure } from './errors.ts';
import { storageFailure } from './storage-failure.ts';

const withCode = (code: string, message = 'no'): Error => Object.assign(new Error(message), { code });
const thrownBy = (error: unknown): unknown => {
  try {
    storageFailure.during('write /x', () => {
      throw error;
    });
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

describe('failures of storage', () => {
  it.each([
    [withCode('ENOSPC'), 'E_FULL'],
    [withCode('EDQUOT'), 'E_FULL'],
    [withCode('53100', 'could not extend file'), 'E_FULL'],
    [new Error('database or disk is full'), 'E_FULL'],
    [withCode('EROFS'), 'E_READ_ONLY'],
    [withCode('EACCES'), 'E_READ_ONLY'],
    [withCode('25006'), 'E_READ_ONLY'],
    [withCode('42501', 'permission denied for schema'), 'E_READ_ONLY'],
    [new Error('attempt to write a readonly database'), 'E_READ_ONLY'],
    [withCode('ECONNREFUSED'), 'E_UNREACHABLE'],
    [withCode('57P01', 'terminating connection'), 'E_UNREACHABLE'],
    [withCode('08006'), 'E_UNREACHABLE'],
    [withCode('53300', 'too many connections'), 'E_UNREACHABLE'],
    [withCode('28P01', 'password authentication failed'), 'E_UNREACHABLE'],
    [new Error('Connection terminated unexpectedly'), 'E_UNREACHABLE'],
    [new Error('database is locked'), 'E_IN_USE'],
    [new Error('database disk image is malformed'), 'E_DAMAGED'],
    [new Error('file is not a database'), 'E_DAMAGED'],
    [withCode('XX001'), 'E_DAMAGED'],
  ])('%s is %s', (error, code) => {
    const thrown = thrownBy(error);
    expect(thrown).toBeInstanceOf(StoreFailure);
    expect(thrown).toMatchObject({ code, cause: error });
    expect(String(thrown)).toContain('cannot write /x: ');
  });

  it.each([
    [new TypeError('x is not a function')],
    [withCode('23505')],
    [withCode('42P01')],
    [new Error('odd')],
    ['text'],
  ])('%s is a mistake of the program, and stays what it is', (error) => {
    expect(thrownBy(error)).toBe(error);
  });

  it('is told the same of work that takes its time, and once', async () => {
    const first = storageFailure.duringAsync('read', () => Promise.reject(withCode('ENOSPC')));
    const second = storageFailure.duringAsync('do more', () => first);
    await expect(second).rejects.toThrow('cannot read: there is no space left (no)');
  });
});
