import { describe } from 'vitest';
import { openInMemoryStoreForTests } from './in-memory-store-for-tests.ts';
import { keepsTheContract } from './store.contract.ts';

describe('a store in memory', () => {
  keepsTheContract(async () => ({ open: async () => openInMemoryStoreForTests(), remove: async () => {} }), {
    keeps: false,
  });
});
