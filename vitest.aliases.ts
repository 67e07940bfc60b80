// Tests run against sources: every public entry of a workspace package resolves to the file it is built from.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname ?? process.cwd();

export function workspaceAliases(): { find: RegExp; replacement: string }[] {
  const aliases: { find: RegExp; replacement: string }[] = [];
  const folders = [
    ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name)),
    join(root, 'simulation'),
  ];
  for (const folder of folders) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name: packageName, exports } = JSON.parse(readFileSync(manifest, 'utf8'));
    for (const [entry, target] of Object.entries<{ default: string }>(exports ?? {})) {
      const specifier = `${packageName}${entry.slice(1)}`;
      const source = target.default.replace('./dist/', './src/').replace(/\.js$/, '.ts');
      aliases.push({ find: new RegExp(`^${specifier}$`), replacement: join(folder, source) });
    }
  }
  return aliases;
}
