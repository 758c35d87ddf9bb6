import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { createDependentFinder } from '../../../../electron/engine/reconcile/kustomization/dependents.ts'
import type { HostedView } from '../../../../electron/engine/reconcile/reconciler.ts'
import { kustomization, revision, source } from './memory-run.ts'

const newer = 'main@sha1:bbbb'

function open(objects: readonly KubeObject[]) {
  const byName = new Map(objects.map((object) => [object.metadata.name, object]))
  const view = {
    id: 'c1',
    objects: () => byName.values(),
    cached: ({ name }: { name: string }) => byName.get(name) ?? null,
  } as unknown as HostedView
  const finder = createDependentFinder()
  return {
    byName,
    find: (before: KubeObject | null, changed: KubeObject) =>
      finder.find(view, before, changed).map(({ name }) => name),
  }
}

const ready = (name: string, of: string, spec: object = {}): KubeObject =>
  kustomization(
    spec,
    { name },
    {
      observedGeneration: 1,
      lastAppliedRevision: of,
      lastAttemptedRevision: of,
      conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }],
    },
  )
const waiting = (name: string, spec: object): KubeObject =>
  kustomization(spec, { name }, { conditions: [{ type: 'Ready', status: 'False', reason: 'DependencyNotReady' }] })

describe('a new revision', () => {
  it('asks for those of its source that have not seen it', () => {
    const { find } = open([
      ready('old', revision),
      ready('seen', newer),
      kustomization({ sourceRef: { kind: 'GitRepository', name: 'other' } }, { name: 'other' }),
      kustomization({ sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'flux' } }, { name: 'new' }),
    ])
    expect(find(source(), source(newer))).toEqual(['old', 'new'])
    expect(find(source(newer), source(newer))).toEqual([])
    // Made again: who had seen it may have looked for it meanwhile.
    expect(find({ ...source(), status: {} }, source(newer))).toEqual(['old', 'seen', 'new'])
    expect(find(source(), { ...source(), status: {} })).toEqual([])
  })
})

const failed = (name: string): KubeObject =>
  kustomization({}, { name }, { conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed' }] })
const begun = (name: string): KubeObject =>
  kustomization({}, { name }, { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Progressing' }] })

describe('a dependency that becomes ready or fails', () => {
  it('asks for those that wait for it, and for no others', () => {
    const { find } = open([
      waiting('waits', { dependsOn: [{ name: 'base' }] }),
      ready('done', revision, { dependsOn: [{ name: 'base' }] }),
      waiting('elsewhere', { dependsOn: [{ name: 'base', namespace: 'other' }] }),
    ])
    const base = kustomization({}, { name: 'base' })
    expect(find(base, ready('base', revision))).toEqual(['waits'])
    expect(find(ready('base', revision), ready('base', newer))).toEqual(['waits'])
    expect(find(ready('base', newer), ready('base', newer))).toEqual([])
    expect(find(ready('base', newer), base)).toEqual([])
  })

  it('is told of once: not while it is under way, and not again as long as it fails', () => {
    const { find } = open([
      waiting('waits', { dependsOn: [{ name: 'base' }] }),
      ready('done', revision, { dependsOn: [{ name: 'base' }] }),
    ])
    expect(find(ready('base', revision), begun('base'))).toEqual([])
    expect(find(begun('base'), failed('base'))).toEqual(['waits'])
    expect(find(ready('base', revision), failed('base'))).toEqual(['waits'])
    expect(find(failed('base'), failed('base'))).toEqual([])
    expect(find(null, failed('base'))).toEqual([])
  })

  it('asks as well for those whose run of a new revision may be looking at it', () => {
    const dependsOn = [{ name: 'base' }]
    const { find } = open([
      source(newer),
      ready('late', revision, { dependsOn }),
      ready('done', newer, { dependsOn }),
      kustomization({ dependsOn }, { name: 'first' }),
    ])
    expect(find(begun('base'), ready('base', newer))).toEqual(['late', 'first'])
    expect(find(begun('base'), failed('base'))).toEqual(['late', 'first'])
  })

  it('is looked for where the spec says so now', () => {
    const { byName, find } = open([waiting('waits', {})])
    const base = kustomization({}, { name: 'base' })
    expect(find(base, ready('base', revision))).toEqual([])
    const changed = waiting('waits', { dependsOn: [{ name: 'base' }] })
    const next = { ...changed, metadata: { ...changed.metadata, generation: 2 } }
    find(byName.get('waits') ?? null, next)
    byName.set('waits', next)
    expect(find(base, ready('base', revision))).toEqual(['waits'])
  })
})

describe('ConfigMaps and Secrets', () => {
  it('ask for those that read them, where they are labelled', () => {
    const { find } = open([
      kustomization({ postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } }, { name: 'vars-of' }),
      kustomization({ decryption: { provider: 'sops', secretRef: { name: 'vars' } } }, { name: 'keys-of' }),
    ])
    const vars = (kind: string, value: string): KubeObject => ({
      apiVersion: 'v1',
      kind,
      metadata: { name: 'vars', namespace: 'flux', labels: { 'reconcile.fluxcd.io/watch': value } },
    })
    expect(find(null, vars('ConfigMap', 'Enabled'))).toEqual(['vars-of'])
    expect(find(null, vars('Secret', 'Enabled'))).toEqual(['keys-of'])
    expect(find(null, vars('ConfigMap', 'Disabled'))).toEqual([])
  })
})
