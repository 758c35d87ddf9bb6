import { expect, it } from 'vitest'
import { createPresence } from '../../../../electron/engine/reconcile/presence/presence.ts'
import type { Presence } from '../../../../electron/engine/reconcile/presence/presence.ts'
import { MemoryCluster, silentLogger } from '../../memory-cluster.ts'

const deployment = (name: string, namespace: string, more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}, uid: ${name}-${namespace}, labels: {app.kubernetes.io/part-of: flux}}
spec:
  ${more}
  template: {spec: {containers: [{name: manager, image: "example.org/flux/source-controller:v1.9.4"}]}}
status: {readyReplicas: 1}
`
const pod = (phase: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: kustomize-controller-1, namespace: elsewhere, uid: p1, labels: {app: kustomize-controller}}
spec: {containers: [{name: manager, image: "example.org/flux/kustomize-controller@sha256:0"}]}
status: {phase: ${phase}}
`

async function look(...manifests: readonly string[]): Promise<{ cluster: MemoryCluster; presence: Presence }> {
  const cluster = new MemoryCluster()
  for (const manifest of manifests) cluster.apply(manifest)
  const { clock } = cluster
  const presence = createPresence({
    view: cluster,
    clock,
    logger: silentLogger,
    namespace: 'flux-system',
    onChange: () => undefined,
  })
  await clock.advance(10)
  return { cluster, presence }
}
const texts = (presence: Presence): readonly string[] => presence.found().map(({ by, text }) => `${by}: ${text}`)

it('finds Deployments under any name and in any namespace by what they run, and pods that have none', async () => {
  const { presence } = await look(deployment('source-controller-shard-1', 'infra', 'replicas: 2'), pod('Running'))
  expect(presence.isKnown()).toBe(true)
  expect(texts(presence)).toEqual([
    'deployment: Deployment infra/source-controller-shard-1, 1 of 2 ready',
    'pod: Pod elsewhere/kustomize-controller-1, Running',
  ])
  presence.dispose()
})

it('takes neither what is scaled down nor what has ended for a controller', async () => {
  const { presence } = await look(deployment('source-controller', 'flux-system', 'replicas: 0'), pod('Succeeded'))
  expect(texts(presence)).toEqual([])
  presence.dispose()
})

it('believes a status write for as long as it was told to', async () => {
  const { presence, cluster } = await look()
  const object = { apiVersion: 'x/v1', kind: 'Kustomization', metadata: { name: 'app', namespace: 'apps' } }
  presence.sawStatusWrite('kustomize-controller', object, 60_000)
  expect(texts(presence)).toEqual(['status: kustomize-controller wrote the status of Kustomization apps/app'])
  await cluster.clock.advance(50_000)
  presence.sawStatusWrite('kustomize-controller', object, 60_000)
  await cluster.clock.advance(50_000)
  expect(presence.found()).toHaveLength(1)
  await cluster.clock.advance(10_001)
  expect(presence.found()).toEqual([])
  presence.dispose()
})
