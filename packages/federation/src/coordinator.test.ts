// What stays out of the server's reach: from its door no import path, erased ones included, leads to training, data, a participant's choice
// or a secret.

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

function reached(start: string): { readonly files: string[]; readonly packages: string[] } {
  const files = new Set([join(import.meta.dirname, start)]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
      if (target === undefined) continue;
      if (target.startsWith('.')) files.add(join(dirname(file), target));
      else packages.add(target);
    }
  }
  return { files: [...files].map((file) => relative(import.meta.dirname, file)), packages: [...packages] };
}

const closedRooms =
  /^(training|model|policy)\/|^one-round\/(features|index)\.ts$|^sharing\/(upload|local-model|index)\.ts$/;
const closedPackages =
  /^@sumus\/(learning|dataset|attacks)\b|^@sumus\/secure-sum\/(support$|secret|mask$|one-shot$|threshold$|boxes)/;

describe('the door of the coordinator', () => {
  const { files, packages } = reached('coordinator.ts');

  it('reaches schedules, server optimisers and download statistics', () => {
    for (const file of ['exchange/schedule.ts', 'exchange/server-optimiser.ts', 'sharing/download.ts']) {
      expect(files).toContain(file);
    }
  });

  it('reaches no training, no data, no choice of a participant and nothing secret', () => {
    expect(files.filter((file) => closedRooms.test(file))).toEqual([]);
    expect(packages.filter((name) => closedPackages.test(name))).toEqual([]);
    const exportsSecret = /export (?:async )?(?:function|class|const|interface|type) \w*secret/i;
    const texts = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
    expect(texts.filter((text) => exportsSecret.test(text))).toEqual([]);
  });

  it('is told from the others by this walk', () => {
    expect(reached('sharing/index.ts').files.some((file) => closedRooms.test(file))).toBe(true);
    expect(reached('sharing/index.ts').packages.some((name) => closedPackages.test(name))).toBe(true);
    expect(reached('training/index.ts').packages.some((name) => closedPackages.test(name))).toBe(true);
  });
});
