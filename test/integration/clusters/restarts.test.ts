/** The API server killed, paused and restarted at any moment: the list is right again within 5 s of its return. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { startTestCluster, type TestCluster } from '../../cluster/start.ts'
import { scaleCount, seed } from '../../soak.ts'
import { createMany, createNamespace, installKinds, kustomization, kustomizationsPath } from './flux-objects.ts'
import { removeFolders, startEngine, type RunningEngine } from './running-engine.ts'

const viewerRole = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: viewer }
rules:
  - { apiGroups: ['*'], resources: ['*'], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: viewer }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: viewer }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer }]
`

interface List {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  }[]
}

describe('an unreliable API server', () => {
  let cluster: TestCluster
  let engine: RunningEngine

  beforeAll(async () => {
    cluster = await startTestCluster()
    await installKinds(cluster)
    await createNamespace(cluster, 'apps')
    await createMany(cluster, 'apps', 'app', 700)
    await cluster.applyYaml(viewerRole)
    // Not an administrator: a starting server answers 403 until it has loaded its roles.
    engine = await startEngine({ kubeconfigs: [await cluster.makeUserKubeconfig({ name: 'viewer' })] })
    await waitUntil(() => engine.named('Kustomization').length === 700)
  })
  afterAll(async () => {
    await engine.dispose()
    await cluster.stop()
    await removeFolders()
  })

  const serverNames = async (): Promise<string> => {
    // A starting server answers 429 while its storage initialises.
    const list = await waitUntil(async () => {
      const answer = await cluster.request('GET', kustomizationsPath('apps'))
      return answer.status === 200 ? (answer.body as List) : null
    })
    return list.items
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}=${metadata.uid}`)
      .sort()
      .join('\n')
  }
  const engineNames = (): string =>
    [...engine.rows.values()]
      .filter((row) => row.ref.kind === 'Kustomization')
      .map((row) => `${row.ref.namespace}/${row.ref.name}=${row.uid}`)
      .sort()
      .join('\n')

  it('never costs a row, nor doubles one', { timeout: 30 * 60_000 }, async () => {
    let state = seed()
    const chance = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return state / 2_147_483_648
    }
    let serial = 0
    const mutate = async (): Promise<void> => {
      serial += 1
      const name = `app-${String(Math.floor(chance() * 700))}`
      const path = kustomizationsPath('apps')
      await cluster.request('DELETE', `${path}/${name}`)
      if (chance() < 0.8) await cluster.request('POST', path, kustomization('apps', name))
      await cluster.request('POST', path, kustomization('apps', `extra-${String(serial)}`))
    }
    for (let round = 0; round < scaleCount(60); round += 1) {
      // Changes are under way when the server goes.
      const changing = Array.from({ length: 5 }, () => mutate().catch(() => undefined))
      await delay(chance() * 200)
      engine.rowLog.length = 0
      const isKilled = chance() < 0.5
      if (isKilled) {
        await cluster.apiServer.kill()
        await delay(chance() * 3000)
        await cluster.apiServer.restart()
      } else {
        cluster.apiServer.pause()
        await delay(chance() * 15_000)
        cluster.apiServer.resume()
      }
      await Promise.all(changing)
      await mutate().catch(() => undefined)
      const wanted = await serverNames()
      const back = performance.now()
      await waitUntil(() => engineNames() === wanted, 30_000).catch(async (error: unknown) => {
        const [shown, there] = [new Set(engineNames().split('\n')), new Set((await serverNames()).split('\n'))]
        const lost = [...there].filter((entry) => !shown.has(entry))
        const left = [...shown].filter((entry) => !there.has(entry))
        const kind = JSON.stringify(engine.kind('Kustomization'))
        const logs = engine.logs.filter((line) => !line.includes(' debug ')).slice(-20)
        throw new Error(
          `round ${String(round)}, ${isKilled ? 'killed' : 'paused'}: lost ${lost.join(' ')}; left over ${left.join(' ')}; ${kind}\n${logs.join('\n')}`,
          { cause: error },
        )
      })
      const tookMs = performance.now() - back
      if (tookMs > 5000) console.log(engine.logs.slice(-60).join('\n'))
      expect(tookMs, `round ${String(round)}, ${isKilled ? 'killed' : 'paused'}`).toBeLessThan(5000)
      // Rows that are still there were never taken away in between.
      const removed = engine.rowLog.filter((entry) => entry.startsWith('-')).length
      expect(removed, `rows removed in round ${String(round)}`).toBeLessThan(20)
      await waitUntil(() => engine.kind('Kustomization')?.state === 'live')
    }
  })
})
