/** The sample fleet: of every kind that Sluice knows, in every state that an object can be in by itself. */
import { beforeAll, describe, expect, it } from 'vitest'
import { readSamples, resolveTimes } from '../../../electron/adapters/playground/sample-files.ts'
import type { Sample } from '../../../electron/adapters/playground/sample-files.ts'
import { computeFluxStatus } from '../../../electron/engine/status/flux-status.ts'
import { fluxKind, fluxKinds } from '../../../shared/flux/kinds.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import { samplesFolder } from '../../app/sample-cluster.ts'

const now = Date.parse('2026-09-17T08:00:00Z')
let flux: readonly { readonly sample: Sample; readonly kind: FluxKind }[] = []

beforeAll(async () => {
  const samples = await readSamples(samplesFolder)
  flux = samples.flatMap((sample) => {
    const [group = '', version = ''] = sample.object.apiVersion.split('/')
    const kind = fluxKind(group, sample.object.kind)
    // The definitions serve the newest version alone.
    return kind?.versions[0] === version ? [{ sample, kind }] : []
  })
})

const nameOf = ({ object: { kind, metadata } }: Sample): string =>
  `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

/** As the API server has it once it is loaded: of generation 1, defaults filled in, its gate closed where the sample says so. */
function loaded({ object, suspend }: Sample, { statusDefault }: FluxKind): unknown {
  const spec = { ...(object['spec'] as object | undefined), ...(suspend === null ? {} : { suspend: true }) }
  const status = object.status ?? statusDefault ?? undefined
  return resolveTimes({ ...object, metadata: { ...object.metadata, generation: 1 }, spec, status }, now)
}

describe('the sample fleet', () => {
  it('has an object of every kind of the table', () => {
    const present = new Set(flux.map(({ kind }) => kind))
    expect(fluxKinds.filter((kind) => !present.has(kind)).map(({ kind }) => kind)).toEqual([])
  })

  it('has about sixty, each once', () => {
    expect(flux.length).toBeGreaterThanOrEqual(55)
    expect(flux.length).toBeLessThanOrEqual(75)
    expect(new Set(flux.map(({ sample }) => nameOf(sample))).size).toBe(flux.length)
  })

  it('has every state that an object can be in by itself', () => {
    const statuses = flux.map(({ sample, kind }) => computeFluxStatus(loaded(sample, kind), kind, now))
    const words: readonly StatusWord[] = [
      'Failed',
      'Stalled',
      'Waiting',
      'Progressing',
      'Suspended',
      'Unknown',
      'Ready',
    ]
    const present = new Set(statuses.map(({ word }) => word))
    expect(words.filter((word) => !present.has(word))).toEqual([])
    expect(statuses.some(({ isOverdue }) => isOverdue)).toBe(true)
  })
})
