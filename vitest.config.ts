import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/{unit,gradients,parity,golden,architecture}/**/*.test.ts'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['engine/**/*.ts', 'native-models/**/*.ts', 'host/**/*.ts'], reporter: ['text'] },
  },
});
