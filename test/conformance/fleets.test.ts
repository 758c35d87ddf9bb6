/** Every Flux Kustomization of nine real repositories, rendered to the byte that kustomize-controller's own code gave. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findKustomizations } from '../../electron/engine/build/find-kustomizations.ts'
import { renderKustomization } from '../../electron/engine/build/render-kustomization.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import type { GoMap } from '../../electron/engine/kustomize/yaml/go-value.ts'
import type { Fleet, FleetCase } from './read-fleets.ts'
import { goValueOf } from './go-value-of.ts'
import { readFleets } from './read-fleets.ts'
import type { CaseResult, KnownFailures } from './ratchet.ts'
import { firstDifference, judgeCases } from './ratchet.ts'

const known: KnownFailures = {}

const fleets = readFleets()

function judge(fleet: Fleet, entry: FleetCase, documents: ReturnType<typeof createDocumentCache>): string | null {
  const result = renderKustomization({
    object: goValueOf(entry.object) as GoMap,
    root: fleet.root,
    files: fleet.files,
    variables: () => fleet.variables,
    decryptor: null,
    isStrict: true,
    documents,
    checkpoint: () => {},
    sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
  })
  if (entry.error !== undefined) {
    const error = entry.error.replaceAll('<root>', fleet.root)
    if (result.error === null) return `rendered, but the controller says ${error}`
    return result.error.message === error ? null : `expected error ${error}, got ${result.error.message}`
  }
  if (result.error !== null) return `error ${result.error.code}: ${result.error.message}`
  if (result.digest === entry.digest && result.bytes === (entry.bytes ?? 0)) return null
  return firstDifference(fleet.expected(entry), result.text)
}

describe.skipIf(fleets === null)('fleets (skipped without the corpus)', { timeout: 120_000 }, () => {
  const results: CaseResult[] = []

  it.each((fleets ?? []).map((fleet) => [fleet.name, fleet] as const))('%s', (_name, fleet) => {
    const documents = createDocumentCache()
    const broken: string[] = []
    fleet.cases.forEach((entry, index) => {
      const id = `${fleet.name} ${index} ${entry.namespace}/${entry.name}`
      const failure = judge(fleet, entry, documents)
      results.push({ id, tags: [fleet.name, entry.error === undefined ? 'digest' : 'error'], failure })
      if (failure !== null && !(id in known)) broken.push(`${id}: ${failure}`)
    })
    expect(broken).toEqual([])
  })

  it('every one of them is found in its tree', () => {
    for (const { cases, files, root } of fleets ?? []) {
      const found = new Set(findKustomizations(files, root).kustomizations.map(({ file, name }) => `${file} ${name}`))
      expect(cases.map(({ file, name }) => `${file} ${name}`).filter((place) => !found.has(place))).toEqual([])
    }
  })

  it('all of them', () => {
    const { table, stale } = judgeCases('fleets', results, known)
    process.stdout.write(`${table}\n`)
    expect(stale).toEqual([])
    expect(results.length).toBeGreaterThanOrEqual(1_375)
  })
})
