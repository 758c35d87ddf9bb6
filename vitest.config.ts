import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** A soak run does twenty times the rounds of `npm test`. */
const scale = process.env.SLUICE_SOAK === '1' ? 20 : 1
const seconds = 1000 * scale
const minutes = 60 * seconds
const electronStub = fileURLToPath(new URL('./test/electron-stub.ts', import.meta.url))

/** What every project shares. Importing the `electron` package outside Electron would try to download a binary. */
const shared = {
  resolve: { alias: [{ find: /^electron$/, replacement: electronStub }] },
}

/**
 * Suites whose files share one machine-wide thing (a display, a built control plane): one after the other, in one process at a time. On an empty cache
 * the control plane is built by whichever hook comes to it first, and others wait for it: hooks that start a cluster have no shorter time of their own.
 */
const sequential = { fileParallelism: false, maxWorkers: 1, testTimeout: 2 * minutes, hookTimeout: 15 * minutes }

/** Three quarters of a minute and more, whatever the machine: begun last, each would run on alone. */
const longest = new Set(
  [
    'history/script',
    'host/fleet',
    'host/hand-over',
    'host/faults-api',
    'host/cli',
    'host/faults-kill',
    'host/kustomizations',
    'host/faults-source',
    'history/conditions',
  ].map((name) => fileURLToPath(new URL(`./test/integration/${name}.test.ts`, import.meta.url))),
)

/** Vitest's own order (what failed, then what took longest, by what it remembers of the last run), behind the longest files of a suite. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const long = sorted.filter(({ moduleId }) => longest.has(moduleId))
    const rest = sorted.filter(({ moduleId }) => !longest.has(moduleId))
    const suite = long[0]?.project.name
    const first = rest.findIndex(({ project }) => project.name === suite)
    return rest.toSpliced(first < 0 ? rest.length : first, 0, ...long)
  }
}

/** One project per suite of `npm test`; scripts/suites.mjs says how long each may take and what it needs. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'test/{shared,engine,host,cli,contract,main,preload,workers}/**/*.test.{ts,tsx}',
            'test/scripts/**/*.test.mjs',
          ],
          maxWorkers: 2,
          testTimeout: 20 * seconds,
        },
      },
      {
        ...shared,
        test: {
          name: 'renderer',
          environment: 'jsdom',
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          setupFiles: ['test/renderer/patience.ts'],
          css: { modules: { classNameStrategy: 'non-scoped' } },
          maxWorkers: 2,
          testTimeout: 20 * seconds,
        },
      },
      {
        ...shared,
        test: {
          name: 'architecture',
          environment: 'node',
          include: ['test/architecture/**/*.test.ts'],
          testTimeout: 2 * minutes,
          hookTimeout: 2 * minutes,
          maxWorkers: 2,
        },
      },
      {
        ...shared,
        test: {
          name: 'conformance',
          environment: 'node',
          include: ['test/{conformance,fuzz}/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 5 * minutes,
          hookTimeout: 2 * minutes,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          environment: 'node',
          include: ['test/{adapters,cluster,integration}/**/*.test.ts'],
          ...sequential,
          // Each file has an API server of its own and mostly waits for it and for controllers: three side by side on two cores.
          fileParallelism: true,
          maxWorkers: 3,
        },
      },
      {
        ...shared,
        test: { name: 'e2e', environment: 'node', include: ['test/e2e/**/*.test.ts'], ...sequential },
      },
    ],
  },
})
