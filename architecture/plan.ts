// The plan of the house as data: which room may know which, and what stays closed to the server. The arrows are those of
// docs/architecture.md; a room that is not entered here does not pass the test, so a new one starts with its arrows.

/** What each room's sources may import from the workspace, by package name without its scope. `'any'`: whatever it fronts. */
export const mayImport: Readonly<Record<string, readonly string[] | 'any'>> = {
  'packages/lattice': [],
  'packages/differential-privacy': [],
  'packages/learning': [],
  'packages/dataset': [],
  'packages/platform': [],
  'packages/secure-sum': ['lattice'],
  'packages/encrypted-learning': ['lattice', 'differential-privacy', 'learning'],
  'packages/attacks': ['learning'],
  'packages/federation': ['learning', 'differential-privacy', 'secure-sum', 'dataset'],
  'packages/evidence': ['lattice', 'differential-privacy', 'secure-sum', 'federation'],
  'packages/wire': ['federation', 'secure-sum'],
  'packages/client': ['wire', 'federation', 'learning', 'secure-sum', 'platform'],
  // Applications hand the platform to the libraries, so each of them may import it.
  'apps/server': ['federation', 'platform', 'secure-sum', 'wire'],
  'apps/web': [
    'attacks',
    'client',
    'dataset',
    'differential-privacy',
    'federation',
    'learning',
    'platform',
    'secure-sum',
    // For the pictures that screenshots.mjs takes; no page has any of it.
    'simulation',
    'wire',
  ],
  'apps/cli': 'any',
  simulation: 'any',
  bench: 'any',
  examples: 'any',
};

/** The leaves: the rooms that import nothing of the workspace, not even a type. */
export const leaves: readonly string[] = Object.keys(mayImport).filter((room) => mayImport[room]?.length === 0);

/** The one library that may touch the platform it runs on. */
export const mayTouchTheWorld: ReadonlySet<string> = new Set(['packages/platform']);

/** Rooms of which only what a bundler made is published: everything is in it, so what they are made of is a development dependency. */
export const bundled: ReadonlySet<string> = new Set(['apps/web']);

/** The one folder of another library that may, too: behind a door of its own, which nothing else of that library imports. */
export const foldersThatTouchTheWorld: readonly string[] = ['packages/client/src/node/'];

/** The application that must not be able to look. */
export const serverRoom = 'apps/server';

export interface ClosedDoor {
  readonly what: string;
  readonly path: RegExp;
}

/** Places that no import path from the server reaches. A module that exports a name with `secret` in it is one, too. */
export const closedToTheServer: readonly ClosedDoor[] = [
  { what: 'participant code', path: /^(packages|apps)\/[^/]+\/src\/(.*\/)?participants?[./]/ },
  { what: 'training', path: /^packages\/(learning|encrypted-learning|attacks)\// },
  { what: 'data', path: /^packages\/dataset\// },
  // A one-time key is a secret by another name; its sums have a door of their own (lattice/one-time/sums).
  { what: 'one-time keys', path: /^packages\/lattice\/src\/one-time\/(one-time-key|key-sharing|encrypt-once)\.ts$/ },
  { what: 'decryption', path: /^packages\/[^/]+\/src\/(.*\/)?decrypt/ },
];

export const exportsSecret = (name: string): boolean => /secret/i.test(name);

/** File and folder names that name a drawer instead of a concept. */
export const drawers: ReadonlySet<string> = new Set('util utils helper helpers common misc types'.split(' '));
