// The never-list of docs/architecture.md as functions from a house to violations. Rule numbers are those of that list.
import { cyclesOf, type Graph, graphOf, pathsFrom } from './graph.ts';
import { type Edge, type House, type Room, readHouse } from './house.ts';
import { computedSpecifier } from './imports.ts';
import {
  bundled,
  closedToTheServer,
  drawers,
  exportsSecret,
  foldersThatTouchTheWorld,
  leaves,
  mayImport,
  mayTouchTheWorld,
  serverRoom,
} from './plan.ts';
import { isSource, isTest, type Tree } from './tree.ts';
import { touchesOfTheWorld } from './world.ts';

export type Rule =
  | 'leaf'
  | 'arrow'
  | 'app'
  | 'world'
  | 'blind server'
  | 'deep import'
  | 'undeclared'
  | 'cycle'
  | 'barrel'
  | 'drawer'
  | 'everywhere'
  | 'unknown room';

export interface Violation {
  readonly rule: Rule;
  readonly where: string;
  readonly what: string;
}

type Check = (house: House) => Violation[];

export function violationsOf(tree: Tree): Violation[] {
  const house = readHouse(tree);
  return checks.flatMap((check) => check(house));
}

const isLibrary = (room: Room): boolean => room.folder.startsWith('packages/');
const isLibraryFile = (path: string): boolean => path.startsWith('packages/');
const shortName = (room: Room): string => room.folder.split('/').at(-1) ?? room.folder;
const place = (edge: Edge): string => `${edge.from.path}:${edge.at.line}`;
/** The room an edge enters from another one. A test may enter what its package declares for development. */
const entered = (edge: Edge): Room | undefined => {
  const room = edge.to.kind === 'file' || edge.to.kind === 'no such door' ? edge.to.room : undefined;
  return room === edge.room ? undefined : room;
};

const unknownRooms: Check = ({ rooms }) =>
  rooms
    .filter((room) => room.folder !== '' && mayImport[room.folder] === undefined)
    .map((room) => ({ rule: 'unknown room', where: room.folder, what: 'has no arrows in architecture/plan.ts' }));

/** Rule 1 and the arrows of the plan, which also hold rule 3: who does not know a room cannot join it to another. */
const arrows: Check = ({ edges }) =>
  edges.flatMap((edge): Violation[] => {
    const room = entered(edge);
    const allowed = mayImport[edge.room.folder];
    if (room === undefined || isTest(edge.from.path)) return [];
    if (leaves.includes(edge.room.folder)) {
      return [{ rule: 'leaf', where: place(edge), what: `a leaf imports ${edge.at.specifier}` }];
    }
    if (allowed === undefined || allowed === 'any' || allowed.includes(shortName(room))) return [];
    return [{ rule: 'arrow', where: place(edge), what: `${edge.room.folder} may not know ${room.folder}` }];
  });

/** Rule 1: nothing imports from apps/. */
const nothingImportsApps: Check = ({ edges }) =>
  edges
    .filter((edge) => entered(edge)?.folder.startsWith('apps/') === true)
    .map((edge) => ({ rule: 'app', where: place(edge), what: `imports ${edge.at.specifier}, an application` }));

/** Rule 2: libraries do not touch the world; not by name, not by import, not by the compiler options that would let them. */
const pureLibraries: Check = ({ rooms, edges, tree }) => {
  const pure = (room: Room): boolean => isLibrary(room) && !mayTouchTheWorld.has(room.folder);
  const isWorldly = (path: string): boolean => foldersThatTouchTheWorld.some((folder) => path.startsWith(folder));
  const named = rooms.filter(pure).flatMap((room) =>
    room.modules
      .filter((module) => !isTest(module.path) && !isWorldly(module.path))
      .flatMap((module) =>
        touchesOfTheWorld(module.syntax).map(
          (touch): Violation => ({
            rule: 'world',
            where: `${module.path}:${touch.line}`,
            what: `a library touches ${touch.name}`,
          }),
        ),
      ),
  );
  const imported = edges
    .filter(
      (edge) =>
        pure(edge.room) &&
        !isTest(edge.from.path) &&
        !isWorldly(edge.from.path) &&
        (edge.to.kind === 'node' || edge.at.specifier === computedSpecifier),
    )
    .map((edge): Violation => ({ rule: 'world', where: place(edge), what: `a library imports ${edge.at.specifier}` }));
  // What touches the world is entered from other rooms, by its door; the rest of its own room stays pure through it, too.
  const reached = edges
    .filter(
      ({ from, to }) =>
        to.kind === 'file' &&
        isWorldly(to.path) &&
        isLibraryFile(from.path) &&
        !isTest(from.path) &&
        !isWorldly(from.path),
    )
    .map((edge): Violation => ({ rule: 'world', where: place(edge), what: `a library reaches ${edge.at.specifier}` }));
  const widened = rooms.filter(pure).flatMap((room): Violation[] => {
    const path = `${room.folder}/tsconfig.json`;
    return /"(lib|types)"\s*:/.test(tree.get(path) ?? '')
      ? [{ rule: 'world', where: path, what: 'a library widens lib or types: then touching the world compiles' }]
      : [];
  });
  return [...named, ...imported, ...reached, ...widened];
};

const fileGraph = (edges: readonly Edge[]): Graph =>
  graphOf(edges.flatMap((edge) => (edge.to.kind === 'file' ? [[edge.from.path, edge.to.path] as const] : [])));

/** Rule 4: the server cannot look, and the module graph shows it. */
const blindServer: Check = ({ rooms, edges }) => {
  const server = rooms.find((room) => room.folder === serverRoom);
  if (server === undefined) return [];
  const starts = server.modules.filter((module) => !isTest(module.path)).map((module) => module.path);
  // The platform's key type is exempt: with it the server signs under its own key. Whose key it is, only a caller decides.
  const holders = rooms.filter((room) => !mayTouchTheWorld.has(room.folder)).flatMap((room) => room.modules);
  const secretModules = new Set(holders.filter((one) => one.exportedNames.some(exportsSecret)).map((one) => one.path));
  return [...pathsFrom(fileGraph(edges), starts)].flatMap(([path, via]): Violation[] => {
    const door = closedToTheServer.find((one) => one.path.test(path));
    const what = door?.what ?? (secretModules.has(path) ? 'secret keys' : undefined);
    return what === undefined ? [] : [{ rule: 'blind server', where: path, what: `${what}: ${via.join(' → ')}` }];
  });
};

/** Rule 5: a room is entered by its doors alone, and a relative import stays inside its room. */
const doorsOnly: Check = ({ edges }) =>
  edges.flatMap((edge): Violation[] => {
    const refuse = (what: string): Violation[] => [{ rule: 'deep import', where: place(edge), what }];
    if (edge.to.kind === 'no such door') return refuse(`${edge.at.specifier} is no public entry`);
    if (edge.to.kind === 'file' && edge.to.door === undefined && edge.to.room !== edge.room) {
      return refuse(`${edge.at.specifier} climbs out of its room`);
    }
    return [];
  });

/** An undeclared import compiles and runs in a workspace, because npm links every package at the root. */
const declaredOnly: Check = ({ edges, rooms }) => {
  const root = rooms.find((room) => room.folder === '');
  return edges.flatMap((edge): Violation[] => {
    const packageName = edge.to.kind === 'outside' ? edge.to.packageName : entered(edge)?.manifest.name;
    if (packageName === undefined || edge.at.specifier.startsWith('.')) return [];
    const { dependencies, peerDependencies, optionalDependencies, devDependencies } = edge.room.manifest;
    const declared = { ...dependencies, ...peerDependencies, ...optionalDependencies };
    const forDevelopment = { ...devDependencies, ...root?.manifest.devDependencies };
    // Kernels import nothing from outside; scripts and tests of the root live by the root's development dependencies.
    const mayUseDevelopment = isTest(edge.from.path) || edge.room.folder === '' || bundled.has(edge.room.folder);
    if (packageName in declared || (mayUseDevelopment && packageName in forDevelopment)) return [];
    if (edge.at.specifier === computedSpecifier) return [];
    return [
      {
        rule: 'undeclared',
        where: place(edge),
        what: `${packageName} is not in ${edge.room.folder || 'the root'}'s package.json`,
      },
    ];
  });
};

/** Rule 5: no import cycles, neither between files (erased imports count) nor between rooms. */
const noCycles: Check = ({ edges }) => {
  const between = edges.flatMap((edge) => {
    const room = isTest(edge.from.path) ? undefined : entered(edge);
    return room === undefined ? [] : [[edge.room.folder, room.folder] as const];
  });
  return [...cyclesOf(fileGraph(edges)), ...cyclesOf(graphOf(between))].map((cycle) => ({
    rule: 'cycle',
    where: cycle[0] ?? '',
    what: cycle.join(' → '),
  }));
};

/** Rule 5: sub-path entries only; nothing to import a package by its bare name. */
const noRootBarrel: Check = ({ rooms, tree }) =>
  rooms.filter(isLibrary).flatMap((room): Violation[] => {
    const { manifest, folder } = room;
    const refuse = (what: string): Violation => ({ rule: 'barrel', where: `${folder}/package.json`, what });
    const found: Violation[] = [];
    if (manifest.exports === undefined) found.push(refuse('has no exports: every file of it can be imported'));
    if (manifest.exports?.['.'] !== undefined) found.push(refuse('exports "."'));
    if (Object.keys(manifest.exports ?? {}).some((entry) => entry.includes('*')))
      found.push(refuse('exports a pattern'));
    if (manifest.main !== undefined || manifest.module !== undefined) found.push(refuse('has a main entry'));
    if (tree.has(`${folder}/src/index.ts`))
      found.push({ rule: 'barrel', where: `${folder}/src/index.ts`, what: 'is a root barrel' });
    return found;
  });

/** Rule 5: a file is named after a concept. */
const noDrawers: Check = ({ tree }) =>
  [...tree.keys()].filter(isSource).flatMap((path): Violation[] => {
    const drawer = path.split('/').find((part) => drawers.has(part.split('.')[0]?.toLowerCase() ?? ''));
    return drawer === undefined
      ? []
      : [{ rule: 'drawer', where: path, what: `${drawer} names a drawer, not a concept` }];
  });

/** Suites that run in a browser as well reach nothing of Node, directly or through what they import. */
const everywhereSuites: Check = ({ edges }) => {
  const graph = fileGraph(edges);
  const needNode = new Set(edges.filter((edge) => edge.to.kind === 'node').map((edge) => edge.from.path));
  const suites = new Set(edges.map((edge) => edge.from.path).filter((path) => path.endsWith('.everywhere.test.ts')));
  return [...suites].flatMap((suite) =>
    [...pathsFrom(graph, [suite])]
      .filter(([path]) => needNode.has(path))
      .map(([, via]): Violation => ({ rule: 'everywhere', where: suite, what: `reaches Node: ${via.join(' → ')}` })),
  );
};

const checks: readonly Check[] = [
  unknownRooms,
  arrows,
  nothingImportsApps,
  pureLibraries,
  blindServer,
  doorsOnly,
  declaredOnly,
  noCycles,
  noRootBarrel,
  noDrawers,
  everywhereSuites,
];
