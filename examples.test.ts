// Every example runs to its end as a user would run it, and keeps the promise that its first lines make. An example states it
// in a line of its own, `// Prints: …`: the test demands that line on stdout. A folder without examples is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, 'examples');
const examples = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));

/** What an example says it prints, line by line. */
function promises(source: string): string[] {
  return [...source.matchAll(/^\/\/ Prints: (.+)$/gm)].map(([, line]) => (line ?? '').trim());
}

describe('the examples', () => {
  it('exist', () => {
    expect(examples).not.toEqual([]);
  });

  it.each(examples)('%s runs to its end and keeps its promise', (name) => {
    const built = join(folder, 'dist', name.replace(/\.ts$/, '.js'));
    expect(existsSync(built), `${name} is not built; npm run build`).toBe(true);
    const promised = promises(readFileSync(join(folder, name), 'utf8'));
    expect(promised, `${name} promises nothing: it needs a line "// Prints: …"`).not.toEqual([]);
    const { status, stdout, stderr } = spawnSync(process.execPath, [built], {
      encoding: 'utf8',
      cwd: folder,
      timeout: 50_000,
    });
    expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
    const lines = stdout.split('\n').map((line) => line.trim());
    for (const line of promised) expect(lines).toContain(line);
  });
});
