// The store in a folder, held to the contract and to what only a folder can do wrong.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { openEmbeddedStore } from './embedded-store.ts';
import { keepsTheContract } from './store.contract.ts';

describe('a store in a folder', () => {
  keepsTheContract(
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sumus store '));
      return {
        open: async () => openEmbeddedStore(folder),
        remove: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
    { keeps: true },
  );
});
