// npm run packed: what a user would get. Packs every package that is not private, installs the tarballs into an empty
// project (offline: what they need from outside is packed from this installation), imports every public entry there and
// runs the command's help. Leaves nothing behind.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePages } from './pages.mjs';
import { npmScript, root, run, say } from './run.mjs';
import { setUp } from './setup.mjs';

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Unlike mustRunNode this throws, so that what was laid down is cleared away when something fails. */
async function runNode(script, args, options) {
  const code = await run(process.execPath, [script, ...args], options);
  if (code !== 0) throw new Error(`exit code ${code}: ${script} ${args.join(' ')}`);
}

/** The workspaces that are published, as folders. */
function publicPackages() {
  const parents = ['packages', 'apps'];
  return parents
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .concat(join(root, 'simulation'))
    .filter((folder) => existsSync(join(folder, 'package.json')) && readManifest(folder).private !== true);
}

/** Where the packages from outside lie that these need at run time, and what those need in turn. */
function outsidePackages(folders) {
  const own = new Set(folders.map((folder) => readManifest(folder).name));
  const found = new Map();
  const visit = (folder) => {
    for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
      if (own.has(name) || found.has(name)) continue;
      const nested = join(folder, 'node_modules', name);
      const place = existsSync(nested) ? nested : join(root, 'node_modules', name);
      found.set(name, place);
      visit(place);
    }
  };
  folders.forEach(visit);
  return [...found.values()];
}

/** Packs a folder as npm publishes it and answers with the tarball's name; scripts do not run. */
async function pack(folder, destination) {
  const before = new Set(readdirSync(destination));
  await runNode(npmScript(), ['pack', folder, '--pack-destination', destination, '--ignore-scripts', '--silent'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = readdirSync(destination).find((name) => !before.has(name));
  if (tarball === undefined) throw new Error(`npm pack made no tarball of ${folder}`);
  return tarball;
}

/** The program that runs in the empty project: imports every entry and says how many there were. */
const importer = `
import { existsSync, readFileSync } from 'node:fs';
const packages = JSON.parse(readFileSync('packages.json', 'utf8'));
let entries = 0;
for (const name of packages) {
  const folder = 'node_modules/' + name;
  const manifest = JSON.parse(readFileSync(folder + '/package.json', 'utf8'));
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    if (target.default.endsWith('.json')) {
      const members = Object.keys(JSON.parse(readFileSync(folder + '/' + target.default, 'utf8')));
      console.log('  ' + name + entry.slice(1) + ': ' + members.length + ' members');
      entries += 1;
      continue;
    }
    const exported = Object.keys(await import(name + entry.slice(1)));
    if (!existsSync(folder + '/' + target.types)) throw new Error(name + entry.slice(1) + ' has no types at ' + target.types);
    console.log('  ' + name + entry.slice(1) + ': ' + exported.length + ' exports');
    entries += 1;
  }
}
if (entries === 0) throw new Error('no public entry was found: nothing was checked');
`;

await setUp();
await ensurePages();
// A blank in the path is on purpose: it must not matter.
const workplace = mkdtempSync(join(tmpdir(), 'sumus packed '));
try {
  const tarballs = join(workplace, 'tarballs');
  const project = join(workplace, 'empty project');
  mkdirSync(tarballs);
  mkdirSync(project);
  const packages = publicPackages();
  const dependencies = {};
  for (const folder of [...packages, ...outsidePackages(packages)]) {
    const { name } = readManifest(folder);
    say(`packing ${name}…`);
    // npm does not decode file URLs, so the path is relative.
    dependencies[name] = `file:../tarballs/${await pack(folder, tarballs)}`;
  }
  const names = packages.map((folder) => readManifest(folder).name);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module', dependencies }),
  );
  writeFileSync(join(project, 'packages.json'), JSON.stringify(names));
  writeFileSync(join(project, 'import-all.mjs'), importer);
  say('installing the tarballs into an empty project, offline…');
  await runNode(npmScript(), ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: project,
  });
  say('importing every public entry…');
  await runNode(join(project, 'import-all.mjs'), [], { cwd: project });
  for (const folder of packages) {
    const { name, bin } = readManifest(folder);
    for (const [command, script] of Object.entries(bin ?? {})) {
      say(`running ${command} --help as installed…`);
      await runNode(join(project, 'node_modules', name, script), ['--help'], { cwd: project });
    }
  }
  say(`packed: ${names.length} packages install, import and run from their tarballs`);
} catch (error) {
  say(`packed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(workplace, { recursive: true, force: true });
}
