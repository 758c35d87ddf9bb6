import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { Bench, configMap, kustomization, rendered, revision } from './doubles.ts'

const history = (digest: string, of = revision) => ({
  digest,
  firstReconciled: '2026-01-01T00:00:00Z',
  metadata: { revision: of },
})

it('is verified where the newest digest of the same revision is equal', async () => {
  const bench = new Bench()
  bench.render = rendered([configMap('a')], { digest: 'sha256:new' })
  const status = { history: [history('sha256:other', 'dev@sha1:1'), history('sha256:new'), history('sha256:old')] }
  expect((await bench.desire(kustomization({}, status))).fidelity).toEqual({
    word: 'verified',
    digest: 'sha256:new',
    controllerDigest: 'sha256:new',
    revision,
    origin: 'storage',
    reasons: [],
    assumptions: [],
  })
  bench.render = rendered([configMap('a')], { digest: 'sha256:old' })
  expect((await bench.desire(kustomization({}, status))).fidelity.word).toBe('differs')
})

it('says why it differs: the tree, what is unknown, a changed spec, or other inputs', async () => {
  const bench = new Bench()
  const reasons = async (object = kustomization()): Promise<readonly string[]> => {
    const { fidelity } = await bench.desire(object)
    expect(fidelity.word).toBe('differs')
    return fidelity.reasons
  }
  bench.render = rendered([], { digest: 'sha256:bbb' })
  expect(await reasons()).toEqual([
    `Its controller builds something else from main@sha1:0123456 since 2026-01-01T00:00:00Z: variables or keys are other ones there, or have changed meanwhile.`,
  ])
  expect(await reasons(kustomization({}, { observedGeneration: 2 }))).toEqual([
    'Its spec was changed after its controller built this revision.',
  ])
  const written = (time: string, spec: object, manager = 'kubectl-edit'): object => ({
    manager,
    operation: 'Update',
    time,
    fieldsV1: { 'f:spec': spec },
  })
  // Behind a closed gate the observed generation goes on without a build.
  const suspended = (...managedFields: readonly object[]): KubeObject => {
    const object = kustomization({ suspend: true }, { history: [{ ...history('sha256:aaa'), lastReconciled }] })
    return { ...object, metadata: { ...object.metadata, managedFields } }
  }
  const lastReconciled = '2026-01-01T09:00:00Z'
  const edited = suspended(
    written('2026-01-01T08:00:00Z', { 'f:interval': {} }, 'flux'),
    written('2026-01-01T10:00:00Z', { 'f:path': {}, 'f:suspend': {} }),
    written('2026-01-01T11:00:00Z', { 'f:suspend': {} }, 'k9s'),
  )
  expect(await reasons(edited)).toEqual([
    'Its spec was changed after its controller built this revision, by kubectl-edit.',
  ])
  expect((await reasons(suspended(written('2026-01-01T10:00:00Z', { 'f:suspend': {} }))))[0]).toContain(
    'variables or keys',
  )
  bench.artifact = { origin: 'folder', reasons: ['It is built from a mapped folder.'] }
  expect(await reasons()).toEqual(['It is built from a mapped folder.'])
  bench.artifact = {}
  const unknown = { kind: 'unknownVariables', message: 'x is unknown.', names: ['x'], file: '', line: 0 } as const
  bench.render = rendered([], { digest: null, assumptions: [unknown] })
  expect(await reasons()).toEqual(['x is unknown.'])
  expect((await bench.desire(kustomization())).fidelity.assumptions).toEqual(['x is unknown.'])
})

it('is none where the controller has recorded nothing to compare with', async () => {
  const bench = new Bench()
  const none = (await bench.desire(kustomization({}, { history: undefined }))).fidelity
  expect(none).toMatchObject({ word: 'none', controllerDigest: '', digest: 'sha256:aaa' })
  expect(none.reasons[0]).toContain('recorded no digest')
  bench.artifact = { revision: 'main@sha1:new' }
  const ahead = (await bench.desire(kustomization(), 'latest')).fidelity
  expect(ahead).toMatchObject({ word: 'none', revision: 'main@sha1:new' })
  expect(ahead.reasons).toEqual(['Its controller has not built main@sha1:new yet.'])
})
