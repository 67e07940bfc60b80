// Tests run against sources: every public entry of a workspace package resolves to the file it is built from.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname ?? process.cwd();

export function workspaceAliases(): { find: RegExp; replacement: string }[] {
  const aliases: { find: RegExp; replacement: string }[] = [];
  for (const name of readdirSync(join(root, 'packages'))) {
    const manifest = join(root, 'packages', name, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name: packageName, exports } = JSON.parse(readFileSync(manifest, 'utf8'));
    for (const [entry, target] of Object.entries<{ default: string }>(exports ?? {})) {
      const specifier = `${packageName}${entry.slice(1)}`;
      const source = target.default.replace('./dist/', './src/').replace(/\.js$/, '.ts');
      aliases.push({ find: new RegExp(`^${specifier}$`), replacement: join(root, 'packages', name, source) });
    }
  }
  return aliases;
}
