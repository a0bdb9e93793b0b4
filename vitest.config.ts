import { defineConfig } from 'vitest/config';

/** Unit, gradient, parity and architecture tests; the long ones have vitest.e2e.config.ts. */
export default defineConfig({
  test: {
    include: ['tests/{unit,gradients,parity,golden,architecture}/**/*.test.ts'],
    // Numeric tests on a busy machine; nothing is judged by its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['engine/**/*.ts', 'native-models/**/*.ts', 'host/**/*.ts'],
      exclude: ['**/*.d.ts'],
      reporter: ['text-summary'],
      reportOnFailure: true,
    },
  },
});
