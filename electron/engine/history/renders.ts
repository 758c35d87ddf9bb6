/**
 * Rendered manifests beside the entries: what a revision of a Kustomization or HelmRelease wanted its cluster to be. One entry of type `render`
 * names the texts of its objects; each text is kept once, whatever revisions have it. Loaded with the history; keeps nothing in memory.
 */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { HistoryEntry, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { createSealer } from '../diff/sealed-values.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { exactText, parseExact } from '../exact-json.ts'
import type { BlobStore, Clock, Codec, Logger, Random } from '../ports.ts'
import { asRecord, asText, groupOf } from '../status/read.ts'
import { readRevision } from '../status/row-facts.ts'
import type { EventStore } from './event-store-port.ts'
import { readSecretTexts, sealForDisk } from './renders-secrets.ts'
import { entryOf } from './row-changes.ts'

/** So many objects are named by one entry; a larger render has several, told by `part`. */
const maxPerEntry = 1500
const maxParts = 20
/** Written anew after so long, so that what stands unchanged for months does not age out. */
const refreshMs = 30 * 86_400_000
const keyFile = 'history/render-key'

/** What is kept of one render. */
export interface KeptRender {
  readonly owner: ObjectRef
  readonly revision: string
  readonly at: number
  /** Of all texts together. */
  readonly digest: string
  /** `group/Kind/namespace/name` → `sha256:…` of its text. */
  readonly objects: ReadonlyMap<string, string>
  /** As DesiredSet.inputsKey, shortened. */
  readonly inputs: string
}

export interface RenderKeeper {
  /** Resolves when it is on disk, or known to be there. Never rejects: what cannot be kept is logged. */
  keep(view: ClusterView, owner: KubeObject, set: DesiredSet): Promise<void>
}

export function createRenderKeeper(deps: {
  readonly store: EventStore
  readonly ports: {
    readonly clock: Clock
    readonly random: Random
    readonly codec: Codec
    readonly store: BlobStore
    readonly logger: Logger
  }
  readonly write: (entries: readonly NewHistoryEntry[]) => Promise<void>
}): RenderKeeper {
  const { store, ports, write } = deps
  const { clock, codec, logger } = ports
  let key: Promise<Uint8Array> | null = null

  async function keepNow(view: ClusterView, owner: KubeObject, set: DesiredSet): Promise<void> {
    const revision = revisionOf(set, owner)
    if (revision === '' || set.objects.length > maxPerEntry * maxParts) return
    const inputs = set.inputsKey.slice(0, 32)
    const last = await findRender(store, set.owner, null, never)
    const isFresh = last !== null && clock.now() - last.at < refreshMs
    if (isFresh && last.inputs === inputs && last.revision === revision) return
    const texts = await readSecretTexts(
      view,
      owner,
      set.objects.map(({ object }) => object),
    )
    const sealer = createSealer(codec, await (key ??= readKey(ports)))
    const plain = set.objects.map(({ object, sensitive }) => exactText(sealForDisk(object, sensitive, texts, sealer)))
    const digests = plain.map((text) => `sha256:${codec.sha256Hex(text)}`)
    const digest = codec.sha256Hex(digests.join())
    if (isFresh && last.digest === digest && last.revision === revision) return
    await store.putTexts(plain)
    const names = set.objects.map(({ object }, index) => `${digests[index] ?? ''} ${objectNameOf(object)}`)
    const parts = Math.max(1, Math.ceil(names.length / maxPerEntry))
    const entry = entryOf(set.owner, { owner: set.owner, isBackfilled: false })
    await write(
      Array.from({ length: parts }, (_, part) =>
        entry({
          type: 'render',
          reason: 'Rendered',
          at: clock.now(),
          message: `${String(set.objects.length)} objects`,
          revision,
          facts: {
            digest,
            inputs,
            part,
            parts,
            fidelity: set.fidelity.word,
            objects: names.slice(part * maxPerEntry, (part + 1) * maxPerEntry),
          },
        }),
      ),
    )
  }

  return {
    async keep(view, owner, set) {
      try {
        await keepNow(view, owner, set)
      } catch (error) {
        logger.log('warn', 'a render is not kept', { owner: set.owner.name, error: String(error) })
      }
    },
  }
}

/** As its runs name it: of a HelmRelease the chart's version alone. */
function revisionOf({ owner: ref, fidelity }: DesiredSet, owner: KubeObject): string {
  if (ref.kind !== 'HelmRelease') return fidelity.revision
  return readRevision(owner, fluxKind(ref.group, ref.kind)) || fidelity.revision
}

const never = new AbortController().signal
/** A slow look hands over short pages. */
const maxPages = 20

/** The newest render of an owner at or before `at`, of one revision where it is given; null: none was kept. */
export async function findRender(
  store: Pick<EventStore, 'query'>,
  owner: ObjectRef,
  wanted: { readonly at?: number; readonly revision?: string } | null,
  signal: AbortSignal,
): Promise<KeptRender | null> {
  const { at, revision } = wanted ?? {}
  const query = {
    clusters: [owner.cluster],
    ref: owner,
    types: ['render' as const],
    ...(at === undefined ? {} : { until: at + 1 }),
    ...(revision === undefined ? {} : { commits: [revision] }),
  }
  const found: HistoryEntry[] = []
  let after: string | null = null
  for (let pages = 0; pages < maxPages; pages++) {
    const page = await store.query(query, { limit: maxParts, after }, signal)
    found.push(...page.entries)
    after = page.next
    if (found.length >= maxParts || after === null) break
    if (found.length > 0 && (asRecord(found[0]?.facts).parts ?? 1) === 1) break
  }
  const [first] = found
  if (first === undefined) return null
  const facts = asRecord(first.facts)
  const objects = new Map<string, string>()
  for (const entry of found) {
    const own = asRecord(entry.facts)
    if (own.digest !== facts.digest || entry.revision !== first.revision || entry.at !== first.at) continue
    for (const line of Array.isArray(own.objects) ? own.objects : []) {
      const text = asText(line)
      const space = text.indexOf(' ')
      if (space > 0) objects.set(text.slice(space + 1), text.slice(0, space))
    }
  }
  return {
    owner,
    revision: first.revision,
    at: first.at,
    digest: asText(facts.digest),
    inputs: asText(facts.inputs),
    objects,
  }
}

/** One object of a render; null where its text is no longer kept. Throws nothing for a text of another shape: that is null too. */
export async function readRendered(store: Pick<EventStore, 'text'>, digest: string): Promise<KubeObject | null> {
  const text = await store.text(digest)
  if (text === null) return null
  try {
    return parseExact(text) as KubeObject
  } catch {
    return null
  }
}

/** `group/Kind/namespace/name`, '' for what is missing. */
export function objectNameOf({ apiVersion, kind, metadata }: KubeObject): string {
  return renderNameOf({ group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? '', name: metadata.name })
}

export function renderNameOf({ group, kind, namespace, name }: Omit<ObjectRef, 'cluster'>): string {
  return `${group}/${kind}/${namespace}/${name}`
}

/** What `renderNameOf` made it of. */
export function refOfRenderName(text: string, cluster: string): ObjectRef {
  const [group = '', kind = '', namespace = '', ...name] = text.split('/')
  return { cluster, group, kind, namespace, name: name.join('/') }
}

async function readKey({ store, random }: { readonly store: BlobStore; readonly random: Random }): Promise<Uint8Array> {
  const known = await store.read(keyFile)
  if (known !== null && known.length >= 32) return known
  const made = new TextEncoder().encode(`${random.uuid()}${random.uuid()}`)
  await store.write(keyFile, made)
  return made
}
