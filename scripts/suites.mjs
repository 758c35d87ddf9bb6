/**
 * The suites of `npm test`, in their order. Budgets are seconds of wall time on two cores: `warm`, and `cold` where the
 * suite first builds a control plane from source. All of them together end within 20 minutes warm and 40 cold;
 * one alone may take half as much again as its share: the same two cores are a quarter slower in some minutes than in others.
 *
 * kind    `command` counts as one test; `vitest` is a project of vitest.config.ts of the same name.
 * needs   `control-plane`: a real API server, built into the cache on first use; `flux`: real Flux controllers
 *         (FLUX_ASSETS); `corpus`: real repositories beside the checkout; `electron`: the resolved Electron, the build and a display.
 */
export const suites = [
  { name: 'types', kind: 'command', commands: [['tsc', '--noEmit', '-p', '.']], warm: 45 },
  {
    name: 'lint',
    kind: 'command',
    commands: [
      // Two threads: each reads the types for itself, and it still ends in two thirds of the time.
      ['eslint', '.', '--max-warnings', '0', '--concurrency', '2'],
      [
        'prettier',
        '--check',
        '--log-level',
        'warn',
        '{shared,electron,renderer,test,scripts,bin}/**/*.{ts,tsx,mjs,css}',
        '*.{ts,js,json}',
      ],
    ],
    warm: 150,
  },
  { name: 'architecture', kind: 'vitest', warm: 20 },
  { name: 'unit', kind: 'vitest', warm: 90 },
  { name: 'renderer', kind: 'vitest', warm: 85 },
  { name: 'conformance', kind: 'vitest', warm: 54, cold: 765, needs: ['control-plane', 'corpus'] },
  { name: 'integration', kind: 'vitest', warm: 920, cold: 1673, needs: ['control-plane', 'flux', 'corpus'] },
  { name: 'e2e', kind: 'vitest', warm: 420, cold: 1350, needs: ['control-plane', 'flux', 'corpus', 'electron'] },
]

/** Minutes that all suites together may take, with the control plane in the cache and without. */
export const wholeMinutes = { warm: 20, cold: 40 }

/** The suites of these names in the table's order, or all; throws a RangeError naming what there is for an unknown name. */
export function selectSuites(names) {
  const known = suites.map((suite) => suite.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new RangeError(`no suite ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  return names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name))
}
