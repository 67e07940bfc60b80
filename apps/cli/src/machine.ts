// What this machine offers: probes that look and change nothing. Each answers with what it found, never with an exception.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { wasmEngine as loadWasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import type { Primitives } from '@sumus/platform/primitives';
import { loadWebPrimitives } from '@sumus/platform/web';

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

/** Loads the engine that everything fast runs on. Without it the reference engine computes the same, slowly. */
export async function wasmEngine(): Promise<Finding> {
  const trouble = await troubleOf(async () => {
    await loadWasmEngine();
  });
  const detail = trouble ?? 'WebAssembly with 128-bit vectors';
  return { name: 'engine', neededFor: always, found: trouble === undefined, detail };
}

/** The primitives of Node and those of the web: each must do one of everything that a platform can lack. */
export async function primitives(): Promise<Finding> {
  const trouble =
    (await troubleOf(() => exercise(nodePrimitives()))) ??
    (await troubleOf(async () => exercise(await loadWebPrimitives())));
  const detail = trouble ?? 'ChaCha20, SHA-256, AEAD, X25519, Ed25519, by OpenSSL and by WebCrypto';
  return { name: 'primitives', neededFor: always, found: trouble === undefined, detail };
}

async function exercise(platform: Primitives): Promise<void> {
  const key = platform.sha256(platform.randomBytes(32));
  const input = { key, nonce: new Uint8Array(12), associatedData: new Uint8Array(0) };
  const opened = platform.chacha20Poly1305.open(input, platform.chacha20Poly1305.seal(input, key));
  if (opened === undefined || !platform.timingSafeEqual(opened, key))
    throw new Error('AEAD does not open what it sealed');
  await platform.x25519.generate();
  const { secretKey, publicKey } = await platform.ed25519.generate();
  const signature = await platform.ed25519.sign(secretKey, key);
  if (!(await platform.ed25519.verify(publicKey, key, signature))) throw new Error('Ed25519 refuses its own signature');
}

/** What went wrong, in words, or undefined. */
async function troubleOf(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    // Whatever it is, it is the finding.
    return error instanceof Error ? error.message : String(error);
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
