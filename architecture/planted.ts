// A small house that breaks no rule, and what is planted in it: for every rule at least one break that it must catch.
import type { Rule } from './rules.ts';
import type { Tree } from './tree.ts';

const manifest = (name: string, more: object = {}): string => JSON.stringify({ name: `@sumus/${name}`, ...more });
const door = (path: string): object => ({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` });

/** A small house with a leaf, two rooms above it, the platform and two applications; it breaks no rule. */
export const clean: Tree = new Map(
  Object.entries({
    'package.json': JSON.stringify({ name: 'sumus', devDependencies: { vitest: '4' } }),
    'packages/lattice/package.json': manifest('lattice', {
      exports: { './ring': door('ring'), './keys': door('keys') },
      devDependencies: { '@sumus/platform': '0.1.0', 'node-seal': '6' },
    }),
    'packages/lattice/tsconfig.json':
      '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "rootDir": "src" } }',
    'packages/lattice/src/ring.ts': [
      `import type { Prime } from './prime.ts';`,
      `export const add = (a: Prime, window: number): number => Math.imul(a, window);`,
      `export const { imul } = Math;`,
      `export function slide(document: { process: number }): number { return document.process; }`,
      `export const compiled = (bytes: Uint8Array): boolean => WebAssembly.validate(bytes);`,
      `export const when = (ms: number): Date => new Date(ms);`,
      `// fetch('a word in a comment'), and one in a string: "process.env"`,
    ].join('\n'),
    'packages/lattice/src/prime.ts': 'export type Prime = number;',
    'packages/lattice/src/keys.ts': 'export class SecretKey {}',
    'packages/lattice/src/prime.test.ts': [
      `import { readFileSync } from 'node:fs';`,
      `import { it } from 'vitest';`,
      `import { primitives } from '@sumus/platform/node';`,
      `it('measures time', () => { console.log(Date.now(), readFileSync, primitives); });`,
    ].join('\n'),
    'packages/lattice/src/prime.everywhere.test.ts': `import { it } from 'vitest';\nimport type { Prime } from './prime.ts';`,
    'packages/platform/package.json': manifest('platform', { exports: { './node': door('node') } }),
    'packages/platform/tsconfig.json': '{ "compilerOptions": { "types": ["node"] } }',
    'packages/platform/src/node.ts': `import { randomBytes } from 'node:crypto';\nexport const primitives = { randomBytes, fetch };\nexport class SecretKey {}`,
    'packages/secure-sum/package.json': manifest('secure-sum', {
      exports: { './coordinator': door('coordinator'), './participant': door('participant') },
      dependencies: { '@sumus/lattice': '0.1.0' },
    }),
    'packages/secure-sum/src/coordinator.ts': `import { add } from '@sumus/lattice/ring';\nexport const sum = add;`,
    'packages/secure-sum/src/participant.ts': `import { SecretKey } from '@sumus/lattice/keys';\nexport const key = SecretKey;`,
    'packages/federation/package.json': manifest('federation', {
      exports: { './coordinator': door('coordinator') },
      dependencies: { '@sumus/secure-sum': '0.1.0' },
    }),
    'packages/federation/src/coordinator.ts': `export { sum } from '@sumus/secure-sum/coordinator';`,
    'packages/client/package.json': manifest('client', {
      exports: { './run': door('run'), './node': door('node/index') },
      dependencies: { '@sumus/platform': '0.1.0' },
    }),
    'packages/client/src/run.ts': 'export const run = (nowMs: number): number => nowMs;',
    'packages/client/src/node/index.ts': `import { randomBytes } from 'node:crypto';\nimport { primitives } from '@sumus/platform/node';\nimport { run } from '../run.ts';\nexport const now = [run(Date.now()), randomBytes, primitives];`,
    'apps/server/package.json': manifest('server', {
      dependencies: { '@sumus/federation': '0.1.0', '@sumus/platform': '0.1.0', hono: '4' },
    }),
    'apps/server/src/main.ts': `import { Hono } from 'hono';\nimport { sum } from '@sumus/federation/coordinator';\nimport { SecretKey } from '@sumus/platform/node';\nexport const app = [Hono, sum, SecretKey];`,
    'apps/cli/package.json': manifest('cli', { dependencies: { '@sumus/lattice': '0.1.0', commander: '14' } }),
    'apps/cli/src/main.ts': `import { add } from '@sumus/lattice/ring';\nimport { Command } from 'commander';\nprocess.exitCode = add(1, new Command().x);`,
  }),
);

/** The clean house with some files put in or replaced; text after `+` is added to a file. */
export function plant(files: Record<string, string>): Tree {
  const tree = new Map(clean);
  for (const [path, text] of Object.entries(files)) {
    tree.set(path, text.startsWith('+') ? `${tree.get(path) ?? ''}\n${text.slice(1)}` : text);
  }
  return tree;
}

const ring = 'packages/lattice/src/ring.ts';

export const planted: readonly { rule: Rule; what: string; files: Record<string, string> }[] = [
  {
    rule: 'leaf',
    what: 'a leaf that imports another room',
    files: { [ring]: `+import { primitives } from '@sumus/platform/node';` },
  },
  {
    rule: 'leaf',
    what: 'a leaf that imports only a type',
    files: { [ring]: `+import type { x } from '@sumus/platform/node';` },
  },
  {
    rule: 'leaf',
    what: 'a leaf that names a type of another room in place',
    files: { [ring]: `+export type P = import('@sumus/platform/node').P;` },
  },
  {
    rule: 'leaf',
    what: 'a leaf that passes on another room',
    files: { [ring]: `+export * from '@sumus/platform/node';` },
  },
  {
    rule: 'leaf',
    what: 'a leaf that loads another room late',
    files: { [ring]: `+export const p = () => import('@sumus/platform/node');` },
  },
  {
    rule: 'arrow',
    what: 'secure-sum that knows the federation',
    files: {
      'packages/secure-sum/src/coordinator.ts': `+import type { sum as s } from '@sumus/federation/coordinator';`,
    },
  },
  {
    rule: 'unknown room',
    what: 'a room without arrows in the plan',
    files: { 'packages/attic/package.json': manifest('attic', { exports: {} }) },
  },
  {
    rule: 'app',
    what: 'a bench that imports the command line',
    files: { 'bench/package.json': manifest('bench'), 'bench/src/a.ts': `import '@sumus/cli/main';` },
  },
  {
    rule: 'app',
    what: 'an application that imports another',
    files: { 'apps/cli/src/main.ts': `+import '../../server/src/main.ts';` },
  },
  ...[
    `fetch('/x');`,
    `process.exit(1);`,
    `console.log(1);`,
    `setTimeout(add, 1);`,
    `export const t = Date.now();`,
    `export const t = new Date();`,
    `export const r = Math.random();`,
    `export const r = Math['random']();`,
    `export const { random } = Math;`,
    `export const m = Math;`,
    `document.title = '';`,
    `window.close();`,
    `export const g = globalThis.process;`,
    `export const g = (globalThis as { crypto?: unknown }).crypto;`,
    `export const g = globalThis;`,
    `declare const process: { env: object }; export const e = process.env;`,
    `export const e = new Function('return this');`,
    `export function f(a: Document): void { void a; }`,
    `export let id: NodeJS.Timeout;`,
    `import { readFileSync } from 'node:fs'; export { readFileSync };`,
    `export const load = (name: string) => import(name);`,
    `export const o = { crypto };`,
    `export const f = (x = performance.now()) => x;`,
    `export function g() { { const fetch = 1; void fetch; } return fetch; }`,
  ].map((text) => ({ rule: 'world' as const, what: `a library with: ${text}`, files: { [ring]: `+${text}` } })),
  {
    rule: 'world',
    what: 'a library that asks the compiler for the DOM',
    files: { [ring]: `/// <reference lib="dom" />\n${clean.get(ring)}` },
  },
  {
    rule: 'world',
    what: 'a clock beside the folder that may have one',
    files: { 'packages/client/src/run.ts': `+export const now = Date.now();` },
  },
  {
    rule: 'world',
    what: 'a library that reaches the platform through its own door to it',
    files: { 'packages/client/src/run.ts': `+import { now } from './node/index.ts';\nexport { now };` },
  },
  {
    rule: 'world',
    what: 'a library that reaches the platform through the door of another one',
    files: {
      'packages/federation/src/coordinator.ts': `+export { now } from '@sumus/client/node';`,
    },
  },
  {
    rule: 'world',
    what: 'a library whose tsconfig brings Node in',
    files: { 'packages/lattice/tsconfig.json': '{ "compilerOptions": { "types": ["node"] } }' },
  },
  {
    rule: 'blind server',
    what: 'a server that imports a participant',
    files: { 'packages/federation/src/coordinator.ts': `+export { key } from '@sumus/secure-sum/participant';` },
  },
  {
    rule: 'blind server',
    what: 'a coordinator that reaches a secret key, by its type',
    files: { 'packages/secure-sum/src/coordinator.ts': `+import type { SecretKey } from '@sumus/lattice/keys';` },
  },
  {
    rule: 'blind server',
    what: 'a server that reaches training',
    files: {
      'packages/learning/package.json': manifest('learning', { exports: { './train': door('train') } }),
      'packages/learning/src/train.ts': 'export const train = 1;',
      'packages/federation/package.json': manifest('federation', {
        exports: { './coordinator': door('coordinator') },
        dependencies: { '@sumus/secure-sum': '1', '@sumus/learning': '1' },
      }),
      'packages/federation/src/coordinator.ts': `+import { train } from '@sumus/learning/train';`,
    },
  },
  {
    rule: 'deep import',
    what: 'an import past the exports',
    files: { 'apps/cli/src/main.ts': `+import '@sumus/lattice/src/prime.ts';` },
  },
  {
    rule: 'deep import',
    what: 'an import of a package by its bare name',
    files: { 'apps/cli/src/main.ts': `+import '@sumus/lattice';` },
  },
  {
    rule: 'deep import',
    what: 'a relative import out of its room',
    files: { 'apps/cli/src/main.ts': `+import '../../../packages/lattice/src/prime.ts';` },
  },
  {
    rule: 'undeclared',
    what: 'a room that is not in package.json',
    files: { 'apps/cli/src/main.ts': `+import '@sumus/secure-sum/coordinator';` },
  },
  {
    rule: 'undeclared',
    what: 'a package from outside that is not in package.json',
    files: { [ring]: `+import 'lodash';` },
  },
  {
    rule: 'undeclared',
    what: 'pages made of what is not even a development dependency',
    files: {
      'apps/web/package.json': manifest('web', { devDependencies: { preact: '11' } }),
      'apps/web/src/main.ts': `import 'preact';\nimport 'lodash';`,
    },
  },
  {
    rule: 'undeclared',
    what: 'a source that lives by a development dependency',
    files: { [ring]: `+import 'node-seal';` },
  },
  {
    rule: 'cycle',
    what: 'two files that import each other, by types',
    files: { 'packages/lattice/src/prime.ts': `+import type { add } from './ring.ts';` },
  },
  {
    rule: 'cycle',
    what: 'a file that imports itself',
    files: { 'packages/lattice/src/prime.ts': `+export * from './prime.ts';` },
  },
  {
    rule: 'cycle',
    what: 'two rooms that know each other through different files',
    files: {
      'simulation/package.json': manifest('simulation', {
        exports: { './a': door('a') },
        dependencies: { '@sumus/bench': '1' },
      }),
      'simulation/src/a.ts': `import '@sumus/bench/b';`,
      'bench/package.json': manifest('bench', {
        exports: { './b': door('b') },
        dependencies: { '@sumus/simulation': '1' },
      }),
      'bench/src/b.ts': '',
      'bench/src/c.ts': `import '@sumus/simulation/a';`,
    },
  },
  {
    rule: 'barrel',
    what: 'a package with a bare entry',
    files: {
      'packages/platform/package.json': manifest('platform', {
        exports: { '.': door('node'), './node': door('node') },
      }),
    },
  },
  {
    rule: 'barrel',
    what: 'a package that lets every file be imported',
    files: {
      'packages/platform/package.json': manifest('platform', { exports: { './*': door('*'), './node': door('node') } }),
    },
  },
  { rule: 'barrel', what: 'a package with an index at its root', files: { 'packages/platform/src/index.ts': '' } },
  ...['utils.ts', 'helpers.test.ts', 'common/ntt.ts', 'misc.mjs', 'types.d.ts'].map((name) => ({
    rule: 'drawer' as const,
    what: `a drawer called ${name}`,
    files: { [`packages/lattice/src/${name}`]: '' },
  })),
  {
    rule: 'everywhere',
    what: 'a browser suite that imports Node',
    files: { 'packages/lattice/src/prime.everywhere.test.ts': `+import 'node:fs';` },
  },
  {
    rule: 'everywhere',
    what: 'a browser suite that reaches Node through another file',
    files: {
      'packages/lattice/src/prime.everywhere.test.ts': `+import './seed.contract.ts';`,
      'packages/lattice/src/seed.contract.ts': `import 'node:fs';`,
    },
  },
];
