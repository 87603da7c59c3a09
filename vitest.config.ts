// The root has no dependencies (see scripts/package.json), so this file imports none.
const conditions = ['@headway/source', 'module', 'node', 'development|production'];
const workspace = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } };
const setupFiles = ['tests/src/seed-properties.ts', 'tests/src/prebuilt-binary.ts'];
const withModel = '**/*.model.test.ts';
const largeThirdParties = [
  'tests/third-party/agents/**/*.test.ts',
  'tests/third-party/heavy/**/*.test.ts',
  'tests/third-party/llama-server/**/*.test.ts',
];

export default {
  test: {
    retry: 0,
    maxWorkers: 2,
    projects: [
      {
        ...workspace,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.{ts,tsx}'],
          exclude: [withModel],
          typecheck: {
            enabled: true,
            include: ['packages/*/src/**/*.test-d.ts'],
            tsconfig: 'tsconfig.json',
            ignoreSourceErrors: true,
          },
          setupFiles,
        },
      },
      {
        ...workspace,
        test: {
          name: 'model',
          include: ['packages/*/src/**/*.model.test.ts'],
          setupFiles,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...workspace,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', ...largeThirdParties, '**/node_modules/**'],
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...workspace,
        test: {
          name: 'third-party',
          include: largeThirdParties,
          exclude: ['**/node_modules/**'],
          setupFiles,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        ...workspace,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: true,
        },
      },
    ],
  },
};
