import { defineConfig } from 'vitest/config';
import { workspaceAliases } from './vitest.aliases.ts';

export default defineConfig({
  resolve: { alias: workspaceAliases() },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'simulation/src/**/*.test.ts',
      '*.test.ts',
    ],
    testTimeout: 60_000,
    pool: 'forks',
    passWithNoTests: false,
  },
});
