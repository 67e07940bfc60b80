// What the server is started with: flags, or the environment where a flag is not given (a database's address holds a password, and flags can be
// read by everybody on a machine). Checked here; the rest of the program believes them.
//
// Refused: plain HTTP beyond this machine, unless told; and every key but the coordinator's, wherever it is offered. Who vouches for participants
// decides how many one person may be: a coordinator that could do so could be everybody.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ParameterError } from './store/errors.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Folder: the log and blobs where no database is named, the coordinator's key, and certificates of our own. */
  readonly state: string;
  readonly databaseUrl: string | undefined;
  readonly keyFile: string;
  readonly tls:
    | { readonly kind: 'none' }
    | { readonly kind: 'own' }
    | { readonly kind: 'files'; readonly certificate: string; readonly key: string };
  /** Host names and addresses that a certificate of our own is for. */
  readonly names: readonly string[];
  /** Keys that may create runs, hexadecimal. */
  readonly owners: readonly string[];
  readonly pages: string | undefined;
  readonly isDashboardPublic: boolean;
  /** Origins of pages that others serve (`sumus page`) and that may ask this server. */
  readonly allowOrigins: readonly string[];
  /** Where other processes of this server reach this one. */
  readonly advertise: string | undefined;
  readonly peerRoot: string | undefined;
  /** Of request bodies, at a time. */
  readonly memoryBytes: number;
  readonly blobBytes: number;
}

const flags = {
  listen: { type: 'string', means: 'HOST:PORT to listen on; port 0 takes a free one (127.0.0.1:7443)' },
  state: { type: 'string', means: 'folder of log, blobs, key and certificates (./sumus-server)' },
  'database-url': { type: 'string', means: 'postgres://… instead of a log in the folder; better SUMUS_DATABASE_URL' },
  key: { type: 'string', means: "file of the coordinator's key, made where there is none (STATE/coordinator.key)" },
  tls: { type: 'string', means: 'own: a certificate authority of its own (usual beyond loopback); none (usual on it)' },
  'tls-certificate': { type: 'string', means: 'file of a certificate chain, PEM' },
  'tls-key': { type: 'string', means: 'file of its key, PEM' },
  name: { type: 'string', multiple: true, means: 'a host name or address that participants use; may be repeated' },
  'plain-http': { type: 'boolean', means: 'no TLS, also beyond loopback: behind a proxy that has it' },
  owner: { type: 'string', multiple: true, means: 'public key that may create runs, hexadecimal; may be repeated' },
  owners: { type: 'string', means: 'file of such keys, a line each; # begins a remark' },
  pages: { type: 'string', means: 'folder of pages to serve' },
  'public-dashboard': { type: 'boolean', means: 'let anybody read the events of runs' },
  'allow-origin': { type: 'string', multiple: true, means: 'pages of https://HOST:PORT may ask; may be repeated' },
  advertise: { type: 'string', means: 'URL under which other processes of this server reach this one' },
  'peer-root': { type: 'string', means: 'file of the CA certificate of those other processes, PEM' },
  'memory-mb': { type: 'string', means: 'of request bodies held at a time (64)' },
  'blob-mb': { type: 'string', means: 'of one blob (1024)' },
  help: { type: 'boolean', means: 'show this' },
} as const;

type Flag = keyof typeof flags;

export type Read =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'options'; readonly options: ServerOptions };

/** Names under which somebody may try to hand over what a server must not have. */
const REFUSED = /^--?(enrol\w*|authority\w*|owner-key|signing-key)(-|=|$)/i;
const REFUSED_VARIABLE = /^SUMUS_(ENROL\w*|AUTHORITY\w*|OWNER_(KEY|SECRET)\w*)$/;
/** Of the owner's command (apps/cli): its folder is nobody's state. */
const REFUSED_FILES = ['authority.pem', 'owner.pem'] as const;

export function readOptions(words: readonly string[], environment: Readonly<Record<string, string | undefined>>): Read {
  for (const word of words) if (REFUSED.test(word)) refuseKey(word.split('=')[0] ?? word);
  for (const name of Object.keys(environment)) if (REFUSED_VARIABLE.test(name)) refuseKey(name);
  const values = parsed(words);
  if (values.help === true) return { kind: 'help', text: helpText() };
  const told = (flag: Flag): string | undefined => {
    const value = values[flag];
    return typeof value === 'string' ? value : environment[variableOf(flag)];
  };
  const isTold = (flag: Flag): boolean => values[flag] === true || environment[variableOf(flag)] === '1';
  const listed = (flag: 'name' | 'owner' | 'allow-origin'): readonly string[] =>
    values[flag] ?? (environment[variableOf(flag)] ?? '').split(/[\s,]+/).filter((one) => one !== '');
  const { host, port } = placeOf(told('listen') ?? '127.0.0.1:7443');
  const state = told('state') ?? './sumus-server';
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const keyFile = told('key') ?? join(state, 'coordinator.key');
  for (const folder of new Set([state, dirname(keyFile)])) {
    for (const file of REFUSED_FILES) if (existsSync(join(folder, file))) refuseKey(join(folder, file));
  }
  const advertise = told('advertise');
  if (advertise !== undefined && !/^https?:\/\/[^/]+$/.test(advertise)) {
    throw new ParameterError(`--advertise is http(s)://HOST:PORT and nothing behind it: ${advertise}`);
  }
  return {
    kind: 'options',
    options: {
      host,
      port,
      state,
      databaseUrl: told('database-url'),
      keyFile,
      tls: tlsOf({
        told: told('tls'),
        certificate: told('tls-certificate'),
        key: told('tls-key'),
        isPlain: isTold('plain-http'),
        host,
      }),
      names: namesOf(listed('name'), host),
      owners: ownersOf(listed('owner'), told('owners')),
      pages: told('pages'),
      isDashboardPublic: isTold('public-dashboard'),
      allowOrigins: listed('allow-origin').map(originOf),
      advertise,
      peerRoot: told('peer-root'),
      memoryBytes: megabytes('memory-mb', told('memory-mb') ?? '64'),
      blobBytes: megabytes('blob-mb', told('blob-mb') ?? '1024'),
    },
  };
}

function refuseKey(what: string): never {
  throw new ParameterError(
    `${what}: a server takes no enrolment, authority or owner's key. Those stay with the owner's command (sumus invite, sumus start), on another machine if you can`,
  );
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new ParameterError(`${cause instanceof Error ? cause.message : String(cause)}; --help shows what there is`, {
      cause,
    });
  }
}

const variableOf = (flag: Flag): string => `SUMUS_${flag.toUpperCase().replaceAll('-', '_')}`;

export function helpText(): string {
  const lines = Object.entries(flags).map(
    ([flag, { type, means }]) => `  --${flag}${type === 'string' ? ' …' : ''}`.padEnd(24) + means,
  );
  return `sumus-server: coordinates private training runs; sees sums, never an update\n\n${lines.join('\n')}\n\nEach can stand in the environment, as SUMUS_LISTEN, SUMUS_STATE and so on.\n`;
}

function placeOf(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) throw new ParameterError(`--listen is HOST:PORT: ${text}`);
  return { host, port };
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** As browsers write it. What came unprotected over a network could be anybody's page, so that only this machine may be asked without TLS. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isProtected =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/[[\]]/g, '')));
  if (url === undefined || url.origin !== text || !isProtected) {
    throw new ParameterError(
      `--allow-origin is https://HOST or https://HOST:PORT and nothing behind it, or http:// on loopback: ${text}`,
    );
  }
  return text;
}

interface TlsWords {
  readonly told: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly isPlain: boolean;
  readonly host: string;
}

function tlsOf({ told, certificate, key, isPlain, host }: TlsWords): ServerOptions['tls'] {
  if ((certificate === undefined) !== (key === undefined))
    throw new ParameterError('--tls-certificate and --tls-key go together');
  if (certificate !== undefined && key !== undefined) {
    if (told !== undefined || isPlain)
      throw new ParameterError('a given certificate goes with neither --tls nor --plain-http');
    return { kind: 'files', certificate, key };
  }
  if (told !== undefined && told !== 'own' && told !== 'none')
    throw new ParameterError(`--tls is own or none: ${told}`);
  if (told === 'own') {
    if (isPlain) throw new ParameterError('--tls own and --plain-http contradict each other');
    return { kind: 'own' };
  }
  if (isPlain || isLoopback(host)) return { kind: 'none' };
  if (told === 'none')
    throw new ParameterError(`plain HTTP on ${host}, beyond this machine: --plain-http says that a proxy has the TLS`);
  return { kind: 'own' };
}

function namesOf(told: readonly string[], host: string): readonly string[] {
  for (const name of told) {
    const isName =
      /^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
        name,
      );
    if (!isName && isIP(name) === 0) throw new ParameterError(`--name is a host name or an address: ${name}`);
  }
  const isEvery = host === '0.0.0.0' || host === '::';
  return [...new Set([...told, ...(isEvery ? [hostname()] : [host]), 'localhost', '127.0.0.1', '::1'])];
}

function ownersOf(told: readonly string[], file: string | undefined): readonly string[] {
  const lines = file === undefined ? [] : readFileSync(file, 'utf8').split('\n');
  const inFile = lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '');
  const keys = [...told, ...inFile].map((key) => key.toLowerCase());
  for (const key of keys) {
    if (!/^[0-9a-f]{64}$/.test(key))
      throw new ParameterError(`an owner's public key is 64 hexadecimal digits: ${key.slice(0, 80)}`);
  }
  return keys;
}

function megabytes(flag: Flag, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new ParameterError(`--${flag} is a number of megabytes: ${text}`);
  return Number(text) * 2 ** 20;
}
