// The rooms of a tree, their manifests and parsed modules, and where each import leads. No rule here, only facts.
import { type Import, type Module, parseModule } from './imports.ts';
import { isGenerated, isSource, type Tree } from './tree.ts';

export interface Manifest {
  readonly name?: string;
  readonly main?: unknown;
  readonly module?: unknown;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Room {
  /** `packages/lattice`, `apps/cli`, `bench`; the empty string is the root itself. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly modules: readonly Module[];
}

/** Where an import leads: a file of the tree, a door of the workspace that does not exist, Node, or a package from outside. */
export type Target =
  | { readonly kind: 'file'; readonly path: string; readonly room: Room; readonly door?: string }
  | { readonly kind: 'no such door'; readonly room: Room }
  | { readonly kind: 'no such file'; readonly path: string }
  | { readonly kind: 'node' }
  | { readonly kind: 'outside'; readonly packageName: string };

export interface Edge {
  readonly from: Module;
  readonly room: Room;
  readonly at: Import;
  readonly to: Target;
}

export interface House {
  readonly tree: Tree;
  readonly rooms: readonly Room[];
  readonly edges: readonly Edge[];
}

export function readHouse(tree: Tree): House {
  const folders = [...tree.keys()]
    .filter((path) => path === 'package.json' || path.endsWith('/package.json'))
    .map((path) => path.slice(0, -'/package.json'.length))
    // What CI installs for itself (pinned runtimes) is no room.
    .filter((folder) => !folder.startsWith('.'));
  const modules = [...tree.entries()]
    .filter(([path]) => isSource(path) && !isGenerated(path))
    .map(([path, text]) => parseModule(path, text));
  const rooms = folders.map((folder) => ({
    folder,
    manifest: JSON.parse(tree.get(folder === '' ? 'package.json' : `${folder}/package.json`) ?? '{}') as Manifest,
    modules: modules.filter((module) => roomFolder(module.path, folders) === folder),
  }));
  const edges = rooms.flatMap((room) =>
    room.modules.flatMap((from) =>
      from.imports.map((at) => ({ from, room, at, to: resolve(tree, rooms, from.path, at.specifier) })),
    ),
  );
  return { tree, rooms, edges };
}

const roomFolder = (path: string, folders: readonly string[]): string =>
  folders.filter((folder) => folder !== '' && path.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0] ??
  '';

function roomOf(rooms: readonly Room[], path: string): Room | undefined {
  const folder = roomFolder(
    path,
    rooms.map((room) => room.folder),
  );
  return rooms.find((room) => room.folder === folder);
}

function resolve(tree: Tree, rooms: readonly Room[], from: string, specifier: string): Target {
  if (specifier.startsWith('node:')) return { kind: 'node' };
  if (specifier.startsWith('.')) {
    const named = joinPath(from, specifier);
    // AssemblyScript names its files without an extension.
    const path = tree.has(`${named}.ts`) ? `${named}.ts` : named;
    const room = roomOf(rooms, path);
    return tree.has(path) && room !== undefined ? { kind: 'file', path, room } : { kind: 'no such file', path };
  }
  const parts = specifier.split('/');
  const packageName = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const room = rooms.find((one) => one.manifest.name === packageName);
  if (room === undefined) return { kind: 'outside', packageName };
  const path = doorPath(room, `.${specifier.slice(packageName.length)}`);
  return path !== undefined && tree.has(path)
    ? { kind: 'file', path, room, door: specifier }
    : { kind: 'no such door', room };
}

/** The source file behind a public entry: `./dist/x.js` is built from `src/x.ts`. */
function doorPath(room: Room, entry: string): string | undefined {
  const target = room.manifest.exports?.[entry];
  const built = typeof target === 'string' ? target : ((target ?? {}) as { default?: string }).default;
  return built?.replace(/^\.\/dist\//, `${room.folder}/src/`).replace(/\.js$/, '.ts');
}

function joinPath(from: string, relative: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
