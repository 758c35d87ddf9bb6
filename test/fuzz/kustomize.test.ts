import { beforeAll, describe, expect, it } from 'vitest'
import { SluiceError } from '../../shared/model/errors.ts'
import { seed } from '../soak.ts'
import { nativeKustomize } from './differential.ts'
import { fuzzKustomize } from './fuzz-kustomize.ts'
import { fuzzYaml } from './fuzz-yaml.ts'

/** The first of the 20,000 cases of `npm run fuzz`, which are the same on every machine. */
const slice = 500

describe('generated cases', () => {
  let hasKustomize = true
  beforeAll(async () => {
    try {
      await nativeKustomize()
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'ToolMissing') throw error
      hasKustomize = false
    }
  }, 600_000)

  it('build as the real kustomize 5.8.1 builds them', { timeout: 600_000 }, async ({ skip }) => {
    if (!hasKustomize) skip('kustomize is neither in the cache nor can it be built: Go is not installed')
    const lines: string[] = []
    // `npm test -- --seed N` looks elsewhere.
    const firstSeed = (seed() - 1) * slice + 1
    const { differences } = await fuzzKustomize({
      count: slice,
      firstSeed,
      jobs: 2,
      shown: 2,
      say: (line) => lines.push(line),
    })
    console.log(lines.at(-1))
    expect(differences, lines.join('\n')).toBe(0)
  })

  it('of YAML end in documents or in a BuildError, soon', { timeout: 120_000 }, () => {
    const lines: string[] = []
    const { failures } = fuzzYaml({ count: 5_000, firstSeed: seed(), say: (line) => lines.push(line) })
    expect(failures, lines.join('\n')).toBe(0)
  })
})
