// What a server is started with: what it takes, and what it refuses to be handed.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOptions, type ServerOptions } from './options.ts';
import { coordinatorSigner } from './run/identity.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-options-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function optionsOf(words: readonly string[], environment: Record<string, string> = {}): ServerOptions {
  const read = readOptions(['--state', folder, ...words], environment);
  if (read.kind === 'help') throw new Error('help');
  return read.options;
}
const key = 'ab'.repeat(32);

describe('options', () => {
  it('of a server on this machine need no TLS, and beyond it have an authority of its own', () => {
    expect(optionsOf([]).tls).toEqual({ kind: 'none' });
    expect(optionsOf(['--listen', '[::1]:0'])).toMatchObject({ host: '::1', port: 0, tls: { kind: 'none' } });
    expect(optionsOf(['--listen', '127.0.0.1:0', '--tls', 'own']).tls).toEqual({ kind: 'own' });
    expect(optionsOf(['--listen', '0.0.0.0:7443']).tls).toEqual({ kind: 'own' });
    expect(() => optionsOf(['--listen', '0.0.0.0:7443', '--tls', 'none'])).toThrow(/plain HTTP/);
    expect(optionsOf(['--listen', '0.0.0.0:7443', '--plain-http']).tls).toEqual({ kind: 'none' });
  });

  it('come from the environment where no flag says otherwise', () => {
    const environment = {
      SUMUS_LISTEN: '127.0.0.1:1',
      SUMUS_OWNER: `${key}, ${'cd'.repeat(32)}`,
      SUMUS_DATABASE_URL: 'postgres://here',
    };
    expect(optionsOf([], environment)).toMatchObject({
      port: 1,
      owners: [key, 'cd'.repeat(32)],
      databaseUrl: 'postgres://here',
    });
    expect(optionsOf(['--listen', '127.0.0.1:2'], environment).port).toBe(2);
  });

  it('name the pages of other hosts that may ask, each exactly, and none that came unprotected over a network', () => {
    const told = ['https://pages.example', 'https://pages.example:8443', 'http://127.0.0.1:7480', 'http://[::1]:7480'];
    expect(optionsOf(told.map((one) => `--allow-origin=${one}`)).allowOrigins).toEqual(told);
    expect(optionsOf([]).allowOrigins).toEqual([]);
    for (const one of [
      '*',
      'null',
      'pages.example',
      'http://pages.example',
      'https://pages.example/',
      'https://*.example/x',
    ]) {
      expect(() => optionsOf(['--allow-origin', one])).toThrow(/--allow-origin is https/);
    }
  });

  it('name owners in a file, a line each', () => {
    writeFileSync(join(folder, 'owners'), `# ours\n${key}   # the hospital\n\n`);
    expect(optionsOf(['--owners', join(folder, 'owners')]).owners).toEqual([key]);
    expect(() => optionsOf(['--owner', 'nobody'])).toThrow(/64 hexadecimal/);
  });

  it.each([
    ['--listen', '7443'],
    ['--listen', '127.0.0.1:70000'],
    ['--tls', 'maybe'],
    ['--name', 'a b'],
    ['--advertise', 'https://host/path'],
    ['--memory-mb', '0'],
    ['--unknown', 'x'],
    ['--tls-key', 'only.pem'],
  ])('refuse %s %s, saying what would be right', (flag, value) => {
    expect(() => optionsOf([flag, value])).toThrow(expect.objectContaining({ name: 'ParameterError' }));
  });
});

describe('a key that a server must not have', () => {
  it.each(['--authority', '--authority-key=a.pem', '--enrolment-key', '--owner-key', '--signing-key'])(
    'is not taken as %s',
    (word) => {
      expect(() => optionsOf([word])).toThrow(/takes no enrolment, authority or owner's key/);
    },
  );

  it.each(['SUMUS_AUTHORITY_KEY', 'SUMUS_ENROLMENT_KEY', 'SUMUS_OWNER_KEY'])('is not taken from %s', (name) => {
    expect(() => optionsOf([], { [name]: 'x' })).toThrow(/takes no enrolment, authority or owner's key/);
  });

  it('is not left lying in the folder of its state', () => {
    writeFileSync(join(folder, 'authority.pem'), '');
    expect(() => optionsOf([])).toThrow(/authority\.pem/);
  });

  it('is not taken for its own: the file of a coordinator’s key says that it is one', () => {
    const file = join(folder, 'coordinator.key');
    const made = coordinatorSigner(file);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(coordinatorSigner(file).publicKey).toEqual(made.publicKey);
    const pem = readFileSync(file, 'utf8').split('\n').slice(1).join('\n');
    writeFileSync(join(folder, 'owner-of-something.pem'), pem, { mode: 0o600 });
    expect(() => coordinatorSigner(join(folder, 'owner-of-something.pem'))).toThrow(/no coordinator's key/);
    writeFileSync(join(folder, 'open.key'), readFileSync(file), { mode: 0o644 });
    expect(() => coordinatorSigner(join(folder, 'open.key'))).toThrow(/chmod 600/);
  });
});
