import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// `--mode full` adds the long tier, files that end in .full.test.ts: minutes each, of many partitions, rows or kills.
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: [
      { find: /^traitline$/, replacement: at('./orchestrator/define/index.ts') },
      { find: /^traitline\/connector$/, replacement: at('./connectors/kit/index.ts') },
    ],
  },
  test: {
    include: ['{orchestrator,workflows,activities,connectors,ui,examples,test}/**/*.test.{ts,tsx}'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/.traitline/**',
      ...(mode === 'full' ? [] : ['**/*.full.test.ts']),
    ],
    globalSetup: ['./test/harness/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A generated page that is missing or stale fails; `vitest run test/docs.test.ts -u` writes it anew.
    update: 'none',
    typecheck: {
      tsconfig: './tsconfig.json',
      include: ['{orchestrator,connectors}/**/*.test-d.ts'],
    },
  },
}))
