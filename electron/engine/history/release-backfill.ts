/**
 * Fetches the past of HelmReleases from Helm's storage: labels of all stored revisions in pages, then, one after another, those that nothing told. What is
 * kept of a revision is its chart, status, time and description. SECURITY: item 9: values and manifests leave the reader for nobody, and are never kept.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import { releasesUnread } from '../../../shared/model/history.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { nextTurn } from '../cache/slices.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { PreparedRelease } from '../helm/release-port.ts'
import { readStoredRelease, storedLabels } from '../helm/release-store.ts'
import { pause } from '../pause.ts'
import type { KubeClient, Ports } from '../ports.ts'
import { textAt } from '../status/read.ts'
import { byStorage, describeRecord, newestFirst, storageKey, unreadWords, untoldOf } from './release-records.ts'
import type { Releasing, Untold } from './release-records.ts'
import { sessionEntry } from './session-entry.ts'

/** In more namespaces than this one list of all is asked for; where that is refused, the first so many are looked at. */
const maxNamespaces = 30
/** A stored revision has its chart in it, up to a megabyte: so many are read for what they say, of the rest number, status and time are told. */
export const maxReads = 200
const againMs = 30_000
const maxTries = 6

export interface ReleaseBackfillDeps {
  readonly view: ClusterView
  readonly ports: Pick<Ports, 'clock' | 'releases' | 'logger'>
  readonly write: (entries: readonly NewHistoryEntry[]) => void
  readonly signal: AbortSignal
}

/** Resolves when all is told, or nothing more can be. Asked again in a while where the cluster does not answer. */
export async function backfillReleases(releasing: readonly Releasing[], deps: ReleaseBackfillDeps): Promise<void> {
  const { ports, signal, view } = deps
  if (releasing.length === 0) return
  const search = new Search(releasing, deps)
  for (let tries = 0; !signal.aborted; tries += 1)
    try {
      await search.run()
      return
    } catch (error) {
      if (signal.aborted) return
      ports.logger.log('warn', 'past releases could not be read', { cluster: view.id, error: String(error) })
      const isPassing = error instanceof SluiceError && error.retry === 'transient'
      if (!isPassing || tries + 1 >= maxTries) return
      await pause(ports.clock, againMs * 2 ** tries, signal).catch(() => undefined)
    }
}

class Search {
  readonly #deps: ReleaseBackfillDeps
  readonly #releasing: ReadonlyMap<string, Releasing>
  readonly #told = new Set<string>()
  #reads = 0

  constructor(releasing: readonly Releasing[], deps: ReleaseBackfillDeps) {
    this.#deps = deps
    this.#releasing = byStorage(releasing)
  }

  /** Throws SluiceError, transient where it is worth another try. */
  async run(): Promise<void> {
    const client = this.#deps.view.client()
    const { untold, refused, isCut } = await this.#list(client)
    if (refused.length > 0) this.#tellRefused(refused, isCut)
    for (const each of newestFirst(untold)) {
      if (this.#deps.signal.aborted) return
      const key = `${storageKey(each.of.storage, each.of.name)}.v${String(each.labels.revision)}`
      if (this.#told.has(key)) continue
      const entry = await this.#describe(client, each)
      this.#told.add(key)
      if (entry !== null) this.#deps.write([entry])
    }
  }

  async #list(
    client: KubeClient,
  ): Promise<{ readonly untold: readonly Untold[]; readonly refused: readonly string[]; readonly isCut: boolean }> {
    const releasing = [...this.#releasing.values()]
    const all = [...new Set(releasing.map(({ storage }) => storage))].sort()
    const untold: Untold[] = []
    /** Of which there is anything at all. */
    const stored = new Set<string>()
    const listAll = all.length > maxNamespaces && (await this.#look(client, 'secrets', '', untold, stored))
    const some = listAll ? [] : all.slice(0, maxNamespaces)
    const refused: string[] = listAll ? [] : all.slice(maxNamespaces)
    for (const namespace of some)
      if (!(await this.#look(client, 'secrets', namespace, untold, stored))) refused.push(namespace)
    // Released, and nothing of it in a Secret that may be read.
    const elsewhere = releasing
      .filter(({ storage, name, covered }) => covered.size > 0 && !stored.has(storageKey(storage, name)))
      .map(({ storage }) => storage)
    for (const namespace of [...new Set(elsewhere)].slice(0, maxNamespaces))
      if (!refused.includes(namespace)) await this.#look(client, 'configmaps', namespace, untold, stored)
    return { untold, refused, isCut: all.length > maxNamespaces }
  }

  /** False where they may not be listed. */
  async #look(
    client: KubeClient,
    plural: 'secrets' | 'configmaps',
    namespace: string,
    untold: Untold[],
    stored: Set<string>,
  ): Promise<boolean> {
    const { signal, ports } = this.#deps
    try {
      for await (const page of storedLabels(client, plural, namespace, signal)) {
        for (const labels of page) {
          stored.add(storageKey(labels.namespace, labels.name))
          const found = untoldOf(labels, this.#releasing)
          if (found !== null) untold.push(found)
        }
        await nextTurn(ports.clock)
      }
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'Forbidden') return false
      throw error
    }
    return true
  }

  async #describe(client: KubeClient, untold: Untold): Promise<NewHistoryEntry | null> {
    if (this.#reads >= maxReads) return describeRecord(untold, null)
    this.#reads += 1
    const record = await this.#read(client, untold)
    return record === 'gone' ? null : describeRecord(untold, record)
  }

  /** null where it cannot be read, or may not be; `gone`: Helm removed it since. */
  async #read(client: KubeClient, { of, labels }: Untold): Promise<PreparedRelease | null | 'gone'> {
    const { ports, signal } = this.#deps
    try {
      const found = await readStoredRelease(client, of.storage, of.name, labels.revision, signal)
      if (found === null) return 'gone'
      return await ports.releases.read(
        {
          payload: textAt(found.object, 'data', 'release'),
          isFromSecret: found.kind === 'Secret',
          place: `${found.kind} ${of.storage}/${found.object.metadata.name}`,
          ociDigest: '',
          wants: 'record',
        },
        signal,
      )
    } catch (error) {
      if (error instanceof SluiceError && (error.code === 'Forbidden' || error.code === 'ReleaseUnreadable'))
        return null
      throw error
    }
  }

  #tellRefused(namespaces: readonly string[], isCut: boolean): void {
    const { view, ports, write } = this.#deps
    const entry = sessionEntry(view.id, releasesUnread, unreadWords(namespaces, isCut), ports.clock.now())
    write([{ ...entry, identity: releasesUnread, facts: { namespaces: namespaces.length } }])
  }
}
