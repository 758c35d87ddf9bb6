/** A cluster of Kustomizations as a snapshot sees it, and what it seeds into. */
import { ClusterSnapshot } from '../../../electron/engine/snapshot/cluster-snapshot.ts'
import type { KeptKind } from '../../../electron/engine/snapshot/write-snapshot.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { toFluxRow } from '../../../electron/engine/status/flux-row.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { ManualClock } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import type { MemoryFiles } from './memory-files.ts'

const group = 'kustomize.toolkit.fluxcd.io'
const kind = 'Kustomization'

export function kustomization(name: string, more: { path?: string; message?: string; spec?: object } = {}): KubeObject {
  const { path = `./${name}`, message = 'Applied revision: main@sha1:1', spec = {} } = more
  return {
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name, namespace: 'apps', uid: `uid-${name}`, resourceVersion: '7' },
    spec: { interval: '10m', path, ...spec },
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message }],
      inventory: { entries: [{ id: 'apps_web_apps_Deployment', v: 'v1' }] },
    },
  }
}

export const refOf = (name: string): ObjectRef => ({ cluster: 'c', group, kind, namespace: 'apps', name })

export class KeptCluster {
  readonly clock = new ManualClock()
  objects: KubeObject[] = []
  isWhole = true
  isReached = true
  changeCount = 1
  identities = ['ann']
  readonly seeded: FluxRow[] = []
  readonly logs: string[] = []
  changes = 0
  readonly snapshot: ClusterSnapshot

  constructor(files: MemoryFiles | null, cluster = 'c') {
    this.snapshot = new ClusterSnapshot({
      clock: this.clock,
      codec: memoryCodec,
      logger: { log: (_level, message) => this.logs.push(message) },
      files,
      cluster,
      source: {
        isWhole: () => this.isWhole,
        isReached: () => this.isReached,
        lastSeenAt: () => 5000,
        changeCount: () => this.changeCount,
        identities: () => this.identities,
        versions: () => ({ kubernetesVersion: 'v1.36.0', fluxVersion: 'v2.9.1' }),
        controllers: () => [],
        kinds: () => [this.#kind()],
      },
      seed: (_kind, rows) => {
        this.seeded.push(...rows)
        return true
      },
      onChange: () => {
        this.changes += 1
      },
    })
  }

  /** Runs timers until `work` is done. */
  async settle<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = work.finally(() => (isDone = true))
    while (!isDone) {
      await this.clock.advance(5)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    return done
  }

  save(isUrgent = false): Promise<void> {
    return this.settle(this.snapshot.save(isUrgent))
  }

  show(identities: readonly string[] = ['ann']): Promise<void> {
    return this.settle(this.snapshot.show(identities))
  }

  #kind(): KeptKind {
    const { objects, clock } = this
    const row = (object: KubeObject): FluxRow =>
      toFluxRow(object, {
        cluster: 'c',
        group,
        version: 'v1',
        kind,
        fluxKind: fluxKind(group, kind),
        now: clock.now(),
      })
    return {
      group,
      kind,
      columns: [],
      rows: () => objects.map(row),
      texts: () => objects.map((object) => [`apps/${object.metadata.name}`, JSON.stringify(object)] as const),
    }
  }
}
