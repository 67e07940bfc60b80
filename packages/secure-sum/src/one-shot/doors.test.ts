// What stays out of the coordinator's reach: from its door no import path, erased ones included, leads to a contributor's or a member's code, to
// boxes, or to lattice's doors that know single keys.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

function reached(start: string): { readonly files: string[]; readonly packages: Set<string> } {
  const files = new Set([start]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
      if (target!.startsWith('.')) files.add(join(dirname(file), target!));
      else packages.add(target!);
    }
  }
  return { files: [...files], packages };
}
const door = (name: string) => reached(join(import.meta.dirname, name));

describe('the door of the one-shot coordinator', () => {
  const { files, packages } = door('coordinator/index.ts');

  it('reaches no contributor, no member, no boxes and nothing secret', () => {
    const forbidden = /one-shot\/(contributor|committee)\/|boxes\/channel|secret-|beacon\/contributor/;
    expect(files.filter((file) => forbidden.test(file))).toEqual([]);
    const exportsSecret = /export (?:async )?(?:function|class|const|interface|type) \w*secret/i;
    expect(files.filter((file) => exportsSecret.test(readFileSync(file, 'utf8')))).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  it('knows sums of keys, and no key', () => {
    expect([...packages].sort()).toEqual(['@sumus/lattice/one-time/sums', '@sumus/lattice/wire/sums']);
  });

  it('is told from the others by this walk', () => {
    expect(door('index.ts').packages.has('@sumus/lattice/one-time')).toBe(true);
    expect(door('committee/index.ts').files.some((file) => file.endsWith('boxes/channel.ts'))).toBe(true);
  });
});
