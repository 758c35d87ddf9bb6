/** Inventories of HelmReleases that keep none in their status (before Flux 2.8): read from release storage, once per release revision. */
import { toErrorData } from '../../../shared/model/errors.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Inventory } from '../inventory/read-inventory.ts'
import { releaseName, storageNamespace } from '../inventory/release-name.ts'
import { decodeRelease, newestReleaseSecret, releaseEntries, releaseSelector } from '../inventory/release-storage.ts'
import type { Clock, Codec, Dispose, Logger } from '../ports.ts'
import { asArray, at, numberAt, textAt } from '../status/read.ts'

/** What could not be read is read again after so long: a connection comes back, a Secret is written after its release's status. */
const retryMs = 3000

interface Stored {
  /** Of the release that it is of; '': to be read again. */
  digest: string
  inventory: Inventory | 'pending' | null
}

export class ReleaseInventories {
  readonly #view: ClusterView
  readonly #clock: Clock
  readonly #codec: Codec
  readonly #logger: Logger
  readonly #onChange: () => void
  readonly #byRef = new Map<string, Stored>()
  readonly #abort = new AbortController()
  readonly #retries = new Set<Dispose>()

  constructor(deps: { view: ClusterView; clock: Clock; codec: Codec; logger: Logger; onChange: () => void }) {
    this.#view = deps.view
    this.#clock = deps.clock
    this.#codec = deps.codec
    this.#logger = deps.logger
    this.#onChange = deps.onChange
  }

  stop(): void {
    this.#abort.abort()
    for (const stop of this.#retries) stop()
  }

  /** The release's objects; reads them when the release has moved. null: nothing is installed, or it cannot be read. */
  inventory(ref: ObjectRef, object: KubeObject): Inventory | 'pending' | null {
    const snapshot = asArray(at(object, 'status', 'history'))[0]
    const name = releaseName(object, this.#codec)
    const version = numberAt(snapshot, 'version')
    const digest = [name, version ?? textAt(object, 'status', 'lastAppliedRevision'), textAt(snapshot, 'digest')].join(
      '|',
    )
    const key = refKey(ref)
    const known = this.#byRef.get(key)
    if (known?.digest === digest) return known.inventory
    const stored: Stored = { digest, inventory: known?.inventory ?? (known?.digest === '' ? null : 'pending') }
    this.#byRef.set(key, stored)
    void this.#read(object, name, version)
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted) return null
        const data = toErrorData(error)
        this.#logger.log('warn', 'Release storage cannot be read', { ref: key, error: data })
        if (data.retry === 'transient' || data.code === 'NotFound') this.#retryLater(key, stored)
        return null
      })
      .then((inventory) => {
        if (this.#abort.signal.aborted) return
        stored.inventory = inventory
        this.#onChange()
      })
    return stored.inventory
  }

  #retryLater(key: string, stored: Stored): void {
    const stop = this.#clock.after(retryMs, () => {
      this.#retries.delete(stop)
      if (this.#byRef.get(key) !== stored) return
      stored.digest = ''
      this.#onChange()
    })
    this.#retries.add(stop)
  }

  async #read(object: KubeObject, name: string, version: number | null): Promise<Inventory | null> {
    const namespace = storageNamespace(object)
    const signal = this.#abort.signal
    const secret =
      version === null
        ? newestReleaseSecret(
            await this.#view.list('', 'Secret', namespace, { labelSelector: releaseSelector(name), signal }),
          )
        : await this.#view.fetch(
            {
              cluster: this.#view.id,
              group: '',
              kind: 'Secret',
              namespace,
              name: `sh.helm.release.v1.${name}.v${String(version)}`,
            },
            signal,
          )
    if (secret === null) return null
    const release = decodeRelease(secret, this.#codec)
    const entries = releaseEntries(release, (group, kind) => this.#view.served(group, kind)?.isNamespaced ?? null)
    return { entries, unreadable: [] }
  }
}
