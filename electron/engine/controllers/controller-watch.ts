/**
 * controllers/: the Flux controllers of one cluster: Deployments, their arguments and readiness, and who holds their leases. Knows
 * nothing of the objects that they reconcile. Semantics: flux-semantics §2.14 (arguments), leader election of controller-runtime.
 */
import { partOfLabel, versionLabel } from '../../../shared/flux/labels.ts'
import { resourcePath } from '../clusters/view.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { KindInformer } from '../cache/kind-informer.ts'
import type { Member } from '../cache/kind-informer.ts'
import { ObjectStore } from '../cache/object-store.ts'
import { completeObject } from '../cache/shared-watch.ts'
import { asArray, at, textAt } from '../status/read.ts'
import type { Clock, Dispose, Logger, Random } from '../ports.ts'
import { fluxControllerNames } from './controller-names.ts'
import { toControllerRow } from './controller-row.ts'
import { readLease, withLease } from './leases.ts'
import type { Lease } from './leases.ts'

export interface ControllerWatchDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly cluster: ClusterId
  readonly members: () => readonly Member[]
  readonly onChange: () => void
}

/** What is watched beside them: who may install Flux, and what rolls out what it applies. */
const controllerNames = [...fluxControllerNames, 'flux-operator', 'flagger'] as const

const selectors = [
  `${partOfLabel}=flux`,
  `app.kubernetes.io/name in (${controllerNames.join(',')}),${partOfLabel}!=flux`,
] as const

const deployments: ServedResource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  isNamespaced: true,
  verbs: ['list', 'watch'],
  shortNames: ['deploy'],
}
const leases = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', isNamespaced: true } as const
/** Leases are renewed every few seconds: asking now and then is lighter than watching. */
const leaseMs = 15_000
const defaultNamespace = 'flux-system'

interface Controller {
  readonly row: ControllerRow
  /** Flux's distribution version by label, '' if none. */
  readonly distribution: string
}

export class ControllerWatch {
  readonly #deps: ControllerWatchDeps
  readonly #stores: readonly ObjectStore<Controller>[]
  #informers: readonly KindInformer[] = []
  #leases: readonly Lease[] = []
  #rows: readonly ControllerRow[] | null = null
  #timer: Dispose = () => undefined
  #isAsking = false
  #isStopped = false

  constructor(deps: ControllerWatchDeps) {
    this.#deps = deps
    this.#stores = selectors.map(
      () =>
        new ObjectStore<Controller>({
          archive: null,
          pack: () => '',
          summarise: (object) => this.#summarise(object),
          onUpsert: () => {
            this.#changed()
          },
          onRemove: () => {
            this.#changed()
          },
        }),
    )
  }

  /** The same list until something of it changes. */
  rows(): readonly ControllerRow[] {
    const { cluster } = this.#deps
    const summaries = (): ControllerRow[] =>
      this.#stores.flatMap((store) => [...store.entries.values()].map(({ summary }) => summary.row))
    return (this.#rows ??= withLease(summaries(), this.#leases, cluster, controllerNames))
  }

  #changed(): void {
    this.#rows = null
    this.#deps.onChange()
  }

  /** Their Deployments are still being read for the first time: `rows` are not all of them. */
  isLoading(): boolean {
    return this.#informers.length === 0 || this.#informers.some((informer) => informer.state().word === 'loading')
  }

  /** Distribution version that the controllers' labels tell, '' if none does. */
  fluxVersion(): string {
    for (const store of this.#stores)
      for (const { summary } of store.entries.values()) if (summary.distribution !== '') return summary.distribution
    return ''
  }

  /** A member is there (again). */
  kick(): void {
    if (this.#isStopped) return
    if (this.#informers.length === 0) this.#informers = selectors.map((selector, index) => this.#start(selector, index))
    else for (const informer of this.#informers) informer.kick()
    void this.#askLeases()
  }

  dispose(): void {
    this.#isStopped = true
    this.#timer()
    for (const informer of this.#informers) informer.stop()
  }

  #start(selector: string, index: number): KindInformer {
    const { clock, random, logger, members, onChange } = this.#deps
    const store = this.#stores[index] as ObjectStore<Controller>
    return new KindInformer({
      clock,
      random,
      logger,
      members,
      resource: () => deployments,
      namespaces: () => Promise.resolve([defaultNamespace]),
      query: `labelSelector=${encodeURIComponent(selector)}`,
      sink: (scope) => store.sink(scope),
      drop: (scope) => {
        store.drop(scope)
      },
      onChange,
      onNotServed: () => undefined,
    })
  }

  #summarise(object: KubeObject): Controller {
    const complete = completeObject(object, deployments, 'apps', 'Deployment')
    return {
      row: toControllerRow(complete, this.#deps.cluster, this.#deps.clock.now()),
      distribution:
        textAt(object, 'metadata', 'labels', partOfLabel) === 'flux'
          ? textAt(object, 'metadata', 'labels', versionLabel)
          : '',
    }
  }

  async #askLeases(): Promise<void> {
    const member = this.#deps.members()[0]
    if (this.#isAsking || member === undefined) return
    this.#isAsking = true
    this.#timer()
    try {
      const namespaces = new Set(
        this.#stores.flatMap((store) => [...store.entries.values()].map((e) => e.summary.row.namespace)),
      )
      if (namespaces.size === 0) namespaces.add(defaultNamespace)
      const found: Lease[] = []
      for (const namespace of namespaces) {
        const answer = await member.client.request({
          method: 'GET',
          path: `${resourcePath(leases, namespace)}?limit=500`,
        })
        if (answer.status !== 200) continue
        for (const item of asArray(at(answer.json(), 'items'))) found.push(readLease(item, namespace))
      }
      const before = JSON.stringify(this.#leases)
      this.#leases = found
      this.#rows = null
      if (JSON.stringify(found) !== before) this.#changed()
    } catch (error) {
      this.#deps.logger.log('debug', 'leases not read', { error: String(error) })
    } finally {
      this.#isAsking = false
      if (!this.#isStopped)
        this.#timer = this.#deps.clock.after(leaseMs, () => {
          void this.#askLeases()
        })
    }
  }
}
