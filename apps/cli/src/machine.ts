// What this machine offers: probes that look and change nothing. Each answers with what it found, never with an exception.
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, getCiphers } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Finding {
  readonly name: string;
  /** Always needed, or the one thing that does not work without it. */
  readonly neededFor: string;
  readonly found: boolean;
  readonly detail: string;
}

export const always = 'everything';

const oldestNode: readonly [number, number] = [20, 19];

export function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const detail = `${process.version} on ${process.platform} ${process.arch}${found ? '' : `; ${oldestNode.join('.')} or newer is needed`}`;
  return { name: 'Node.js', neededFor: always, found, detail };
}

/** The smallest module that has a 128-bit vector in it: (func (drop (v128.const 0))). */
const simdModule = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x17, 0x01, 0x15, 0x00, 0xfd, 0x0c, ...new Array<number>(16).fill(0), 0x1a, 0x0b],
]);

export function wasmEngine(): Finding {
  const found = WebAssembly.validate(simdModule);
  const detail = found
    ? '128-bit vectors in WebAssembly'
    : 'no vectors in WebAssembly: only the slow reference engine runs';
  return { name: 'WASM engine', neededFor: 'speed', found, detail };
}

export function primitives(): Finding {
  const lacking = ['chacha20', 'chacha20-poly1305'].filter((cipher) => !getCiphers().includes(cipher));
  for (const curve of ['x25519', 'ed25519'] as const) if (!makesKeys(curve)) lacking.push(curve);
  const found = lacking.length === 0;
  const detail = found ? 'ChaCha20, AEAD, X25519, Ed25519' : `this Node was built without ${lacking.join(', ')}`;
  return { name: 'primitives', neededFor: always, found, detail };
}

function makesKeys(curve: 'x25519' | 'ed25519'): boolean {
  try {
    const { publicKey } = curve === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
    return createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).asymmetricKeyType === curve;
  } catch {
    // What cannot make a key pair is what this probe looks for; the finding names it.
    return false;
  }
}

const gib = 2 ** 30;
const comfortableGib = 2;

export function memory(): Finding {
  const totalBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const found = totalBytes >= comfortableGib * gib;
  const detail = `${(totalBytes / gib).toFixed(1)} GiB, ${(freemem() / gib).toFixed(1)} GiB free, ${availableParallelism()} cores`;
  return { name: 'memory', neededFor: `large keys (${comfortableGib} GiB or more)`, found, detail };
}

export function chromium(): Finding {
  const named = process.env['CHROMIUM'];
  const path = named ?? onPath(['chromium', 'chromium-browser', 'google-chrome']);
  const found = path !== undefined && isExecutable(path);
  const detail = found
    ? path
    : named === undefined
      ? 'none on the PATH; CHROMIUM=path names one'
      : `CHROMIUM=${named} is no program`;
  return { name: 'Chromium', neededFor: 'the browser suites', found, detail };
}

export function postgresql(): Finding {
  const path = onPath(['postgres', 'postgresql']) ?? debianServer();
  const version = path === undefined ? undefined : spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  const found = path !== undefined;
  return {
    name: 'PostgreSQL',
    neededFor: 'the production store',
    found,
    detail: version ?? path ?? 'no server program found',
  };
}

/** Debian keeps the server's programs out of the PATH, one folder a version. */
function debianServer(): string | undefined {
  const home = '/usr/lib/postgresql';
  if (!existsSync(home)) return undefined;
  const programs = readdirSync(home).map((version) => join(home, version, 'bin', 'postgres'));
  return programs.filter(isExecutable).sort().at(-1);
}

function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  return names
    .flatMap((name) => folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: both mean "no".
    return false;
  }
}
