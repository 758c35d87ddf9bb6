/**
 * One kind in one namespace (or everywhere, or one object): a single whole list for the comparisons that wait for it, and from then on
 * a metadata-only watch. Keeps of each object what its validity depends on; whole objects only until they are read, or for some minutes.
 */
import type { SluiceError } from '../../../../shared/model/errors.ts'
import { helmReleaseLabels, kustomizationLabels } from '../../../../shared/flux/labels.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import { ListWatch } from '../../cache/list-watch.ts'
import { objectNameOf } from '../../cache/object-store.ts'
import type { ObjectName } from '../../cache/object-store.ts'
import { completeObject } from '../../cache/shared-watch.ts'
import { nextTurn } from '../../cache/slices.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { exactBody, parseExact } from '../../exact-json.ts'
import type { Clock, Codec, Dispose, KubeClient, Logger, Random } from '../../ports.ts'
import { nextEntry, validityOf } from '../validity.ts'
import type { LiveEntry } from '../validity.ts'

export interface LiveScopeOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly codec: Codec
  /** No list has whole objects. */
  readonly isMetadataOnly: boolean
  readonly title: string
  readonly group: string
  readonly kind: string
  /** In which bodies are listed. */
  readonly version: string
  readonly path: () => string
  readonly query: string
  readonly client: () => KubeClient | null
  /** Objects beside labelled ones whose bodies are worth keeping. */
  readonly isWanted: (name: ObjectName) => boolean
  /** What a list of so many objects (a lower bound) is worth: whole objects, their metadata, or nothing: the scope stops. */
  readonly worthOf: (total: number) => 'whole' | 'metadata' | 'nothing'
  readonly onChange: (name: ObjectName) => void
  /** The word changed. */
  readonly onState: () => void
}

/** - refused: forbidden, or not served. - tooLarge: stopped by itself. - waiting: not listed yet. - broken: it was live, and events may be missing. */
export type LiveScopeWord = 'waiting' | 'live' | 'broken' | 'refused' | 'tooLarge'

const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
/** Bodies that nobody has read by then are packed, and dropped later. */
const packAfterMs = 3000
const dropAfterMs = 10 * 60_000
const patienceMs = 20_000
/** Between two looks while packing, so that the thread answers. */
const packedPerTurn = 20
const refillPage = 250

export class LiveScope {
  word: LiveScopeWord = 'waiting'
  error: SluiceError | null = null
  readonly entries = new Map<ObjectName, LiveEntry>()
  readonly #options: LiveScopeOptions
  readonly #bodies = new Map<ObjectName, KubeObject | Uint8Array>()
  readonly #run: ListWatch
  readonly #settled: Promise<void>
  #settle: () => void = () => undefined
  #listed: Set<ObjectName> | null = null
  #wasListed = false
  #isWhole: boolean
  #isStopped = false
  #timers: Dispose[] = []
  #refill: Promise<void> | null = null

  constructor(options: LiveScopeOptions) {
    this.#options = options
    this.#isWhole = !options.isMetadataOnly
    this.#settled = new Promise((resolve) => (this.#settle = resolve))
    const { clock, random, logger, title, path, query, client } = options
    this.#timers.push(
      clock.after(patienceMs, () => {
        this.#settle()
      }),
    )
    this.#run = new ListWatch({
      clock,
      random,
      logger,
      title,
      path,
      ...(query === '' ? {} : { query }),
      accept: metadataList,
      bodyOf: exactBody,
      listAccept: () => (this.#wasListed || !this.#isWhole ? metadataList : 'application/json'),
      client,
      sink: {
        begin: () => {
          this.#listed = new Set()
        },
        item: (object) => {
          this.#item(object)
        },
        pageEnd: (remaining) => {
          const worth = options.worthOf((this.#listed?.size ?? 0) + (remaining ?? 0))
          if (worth === 'nothing') this.#end('tooLarge')
          else if (worth === 'metadata') this.#isWhole = false
        },
        listed: () => {
          this.#sweep()
        },
        changed: (object) => {
          this.#put(objectNameOf(object), object, false)
        },
        deleted: (object) => {
          this.#remove(objectNameOf(object))
        },
      },
      onState: (state) => {
        if (this.#isStopped) return
        if ('error' in state) this.error = state.error
        if (state.word === 'live') {
          this.error = null
          this.#setWord('live')
        } else if (state.word === 'forbidden' || state.word === 'notInstalled') this.#setWord('refused')
        else if (this.word === 'live') this.#setWord('broken')
      },
      onLost: () => undefined,
    })
  }

  /** Resolves when the first list is in, was refused, or takes too long. */
  settled(): Promise<void> {
    return this.#settled
  }

  /** The whole object as the list had it, once; null where it is not kept or has changed since. */
  takeBody(name: ObjectName): KubeObject | null {
    const body = this.#bodies.get(name)
    if (body === undefined) return null
    this.#bodies.delete(name)
    return body instanceof Uint8Array ? (parseExact(this.#options.codec.inflate(body)) as KubeObject) : body
  }

  /**
   * Lists whole objects once more, for many that are about to be read: what the watch knows in the same version is kept. Shared by all who
   * ask meanwhile; rejects with nothing: what is not kept is read singly.
   */
  refill(): Promise<void> {
    this.#refill ??= this.#listBodies()
      .catch((error: unknown) => {
        this.#options.logger.log('debug', 'bodies not listed', { title: this.#options.title, error: String(error) })
      })
      .finally(() => {
        this.#refill = null
        this.#packLater()
      })
    return this.#refill
  }

  kick(): void {
    this.#run.kick()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    for (const cancel of this.#timers) cancel()
    this.#timers = []
    this.#bodies.clear()
    this.#run.stop()
    this.#settle()
  }

  #end(word: 'tooLarge'): void {
    this.stop()
    this.entries.clear()
    this.word = word
    this.#options.onState()
  }

  #setWord(word: LiveScopeWord): void {
    if (word !== 'broken') this.#settle()
    if (this.word === word) return
    this.word = word
    this.#options.onState()
  }

  #item(object: KubeObject): void {
    const name = objectNameOf(object)
    this.#listed?.add(name)
    this.#put(name, object, true)
    // The first list is whole, if it is not too long; later ones are metadata only.
    if (!this.#wasListed && this.#isWhole && (isOwned(object) || this.#options.isWanted(name))) {
      const { version, group, kind } = this.#options
      this.#bodies.set(name, completeObject(object, { version }, group, kind))
    }
  }

  #put(name: ObjectName, object: KubeObject, isRelisted: boolean): void {
    const previous = this.entries.get(name) ?? null
    const entry = nextEntry(previous, validityOf(object, this.#options.codec), isRelisted)
    this.entries.set(name, entry)
    if (previous !== null && previous.validity.resourceVersion === entry.validity.resourceVersion) return
    this.#bodies.delete(name)
    const isSame = previous?.since === entry.since && previous.validity.content === entry.validity.content
    if (!isSame) this.#options.onChange(name)
  }

  #remove(name: ObjectName): void {
    this.#bodies.delete(name)
    if (this.entries.delete(name)) this.#options.onChange(name)
  }

  #sweep(): void {
    const listed = this.#listed
    this.#listed = null
    if (listed !== null) for (const name of [...this.entries.keys()]) if (!listed.has(name)) this.#remove(name)
    if (this.#wasListed || this.#isStopped) return
    this.#wasListed = true
    this.#packLater()
  }

  async #listBodies(): Promise<void> {
    const { path, query, client, version, group, kind, clock } = this.#options
    let token = ''
    do {
      const connected = client()
      if (connected === null || this.#isStopped) return
      const next = token === '' ? '' : `&continue=${encodeURIComponent(token)}`
      const answer = await connected.request({
        method: 'GET',
        path: `${path()}?limit=${String(refillPage)}${next}${query === '' ? '' : `&${query}`}`,
        timeoutMs: 60_000,
      })
      if (answer.status !== 200) throw errorFromAnswer(answer, this.#options.title)
      const { items, metadata } = exactBody(answer) as {
        readonly items?: readonly KubeObject[]
        readonly metadata?: { readonly continue?: string }
      }
      for (const item of items ?? []) {
        const name = objectNameOf(item)
        const isKnown = this.entries.get(name)?.validity.resourceVersion === item.metadata.resourceVersion
        if (isKnown && this.#options.isWanted(name))
          this.#bodies.set(name, completeObject(item, { version }, group, kind))
      }
      token = metadata?.continue ?? ''
      if (token !== '') await nextTurn(clock)
    } while (token !== '')
  }

  #packLater(): void {
    if (this.#isStopped) return
    const { clock } = this.#options
    for (const cancel of this.#timers.splice(0)) cancel()
    this.#timers.push(
      clock.after(packAfterMs, () => {
        this.#pack()
      }),
      clock.after(dropAfterMs, () => {
        this.#bodies.clear()
      }),
    )
  }

  #pack(): void {
    let count = 0
    for (const [name, body] of this.#bodies) {
      if (body instanceof Uint8Array) continue
      if (count === packedPerTurn) {
        this.#timers.push(
          this.#options.clock.after(10, () => {
            this.#pack()
          }),
        )
        return
      }
      this.#bodies.set(name, new Uint8Array(this.#options.codec.deflate(JSON.stringify(body))))
      count += 1
    }
  }
}

/** Applied by Flux, so a comparison is likely to ask for it. */
function isOwned({ metadata: { labels } }: KubeObject): boolean {
  return labels !== undefined && (kustomizationLabels.name in labels || helmReleaseLabels.name in labels)
}
