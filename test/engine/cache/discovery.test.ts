import { describe, expect, it } from 'vitest'
import { discover, kindKey } from '../../../electron/engine/cache/discovery.ts'
import type { KubeRequest, KubeResponse } from '../../../electron/engine/ports.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { answer, ScriptedClient, statusAnswer } from './scripted-client.ts'

const known = (group: string, kind: string): readonly string[] | null => fluxKind(group, kind)?.versions ?? null
const signal = new AbortController().signal
const group = 'kustomize.toolkit.fluxcd.io'

function serve(answers: Readonly<Record<string, KubeResponse>>): ScriptedClient {
  const client = new ScriptedClient()
  client.steps.push((request: KubeRequest) => answers[request.path] ?? answer(404, 'not here'))
  return client
}

const resource = (kind: string, plural: string) => ({
  resource: plural,
  responseKind: { group: '', version: '', kind },
  scope: 'Namespaced',
  verbs: ['list', 'watch'],
  shortNames: ['ks'],
  categories: ['fluxcd'],
})
const aggregated = (items: unknown[]): KubeResponse =>
  answer(200, { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items })

describe('discover', () => {
  it('reads aggregated discovery and prefers the version that the server prefers among those known', async () => {
    const versions = ['v3', 'v1', 'v1beta2'].map((version) => ({
      version,
      freshness: 'Current',
      resources: [resource('Kustomization', 'kustomizations')],
    }))
    const client = serve({
      '/api': aggregated([]),
      '/apis': aggregated([{ metadata: { name: group }, versions }]),
    })
    const { resources, failed } = await discover(client, known, signal)
    expect(resources.get(kindKey(group, 'Kustomization'))).toMatchObject({
      version: 'v1',
      plural: 'kustomizations',
      isNamespaced: true,
      categories: ['fluxcd'],
    })
    expect(failed).toEqual([])
  })

  it('takes a cluster that serves v1beta2 only', async () => {
    const versions = [{ version: 'v1beta2', resources: [resource('Kustomization', 'kustomizations')] }]
    const client = serve({ '/api': aggregated([]), '/apis': aggregated([{ metadata: { name: group }, versions }]) })
    const { resources } = await discover(client, known, signal)
    expect(resources.get(kindKey(group, 'Kustomization'))?.version).toBe('v1beta2')
  })

  it('falls back to plain lists, and a group that fails leaves the others alone', async () => {
    const client = serve({
      '/api': answer(200, { kind: 'APIVersions', versions: ['v1'] }),
      '/api/v1': answer(200, {
        resources: [
          { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] },
          { name: 'pods/log', kind: 'Pod', namespaced: true, verbs: ['get'] },
        ],
      }),
      '/apis': answer(200, {
        kind: 'APIGroupList',
        groups: [
          { name: group, versions: [{ version: 'v1beta2' }, { version: 'v1' }], preferredVersion: { version: 'v1' } },
          { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }], preferredVersion: { version: 'v1beta1' } },
        ],
      }),
      [`/apis/${group}/v1`]: answer(200, {
        resources: [{ name: 'kustomizations', kind: 'Kustomization', namespaced: true, verbs: ['list', 'watch'] }],
      }),
      [`/apis/${group}/v1beta2`]: answer(200, {
        resources: [{ name: 'kustomizations', kind: 'Kustomization', namespaced: true, verbs: ['list', 'watch'] }],
      }),
      '/apis/metrics.k8s.io/v1beta1': statusAnswer(503, 'ServiceUnavailable', 'no metrics server'),
    })
    const { resources, failed } = await discover(client, known, signal)
    expect([...resources.keys()].sort()).toEqual(['/Pod', `${group}/Kustomization`])
    expect(resources.get(kindKey(group, 'Kustomization'))?.version).toBe('v1')
    expect(failed).toEqual(['metrics.k8s.io/v1beta1'])
  })

  it('names what the server answered when nothing can be learnt', async () => {
    const client = serve({
      '/api': statusAnswer(401, 'Unauthorized', 'who are you'),
      '/apis': statusAnswer(401, 'Unauthorized', 'who are you'),
    })
    await expect(discover(client, known, signal)).rejects.toMatchObject({ code: 'Unauthorized' })
  })

  it('survives nonsense', async () => {
    for (const body of [
      null,
      [],
      'x',
      { kind: 'APIGroupDiscoveryList', items: [null, { versions: [null, { version: 1 }] }] },
    ]) {
      const client = serve({ '/api': answer(200, body), '/apis': answer(200, body) })
      await expect(discover(client, known, signal)).rejects.toMatchObject({ code: 'ResponseMalformed' })
    }
  })
})
