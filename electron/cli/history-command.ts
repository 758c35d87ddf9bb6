/** `sluice history`: what was recorded of a cluster, from the same store and by the same questions as the window. */
import { findFluxKind } from '../../shared/flux/kinds.ts'
import { shortenRevision } from '../../shared/flux/revision.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import type { HistoryEntry, HistoryQuery } from '../../shared/model/history.ts'
import { gateUntil, historyTypes, shownReason } from '../../shared/model/history.ts'
import type { ClusterId } from '../../shared/model/identity.ts'
import { refTitle } from '../../shared/model/identity.ts'
import { createKubeConfigs } from '../adapters/kube/kube-configs.ts'
import { createBlobStore } from '../adapters/node/blob-store.ts'
import { createStderrLogger } from '../adapters/node/logger.ts'
import { parseRemembered } from '../engine/clusters/remembered-contexts.ts'
import type { EventStore } from '../engine/history/event-store-port.ts'
import { UsageError } from './failure.ts'
import type { HistoryOptions } from './history-options.ts'
import { parsePast } from './history-options.ts'
import { isThere, withStore } from './open-store.ts'
import type { Column, Terminal } from './output.ts'
import { formatJson, formatTable } from './output.ts'
import { chooseContext } from './session.ts'
import { timeColumn } from './time-column.ts'

const pageRows = 1000
/** Told in other ways, or to be asked for by name. */
const silentTypes: ReadonlySet<string> = new Set(['render'])
const toldTypes = historyTypes.filter((type) => !silentTypes.has(type))

/** Where is looked. */
interface Place {
  /** null: in all that were ever recorded. */
  readonly clusters: readonly ClusterId[] | null
  /** '': in all. */
  readonly namespace: string
  readonly name: string
  /** Names of clusters, as the window last met them. */
  readonly contexts: ReadonlyMap<ClusterId, string>
}

/** The exit code. */
export async function runHistory(
  words: readonly string[],
  options: HistoryOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const now = Date.now()
  const from = parsePast('--since', options.since, now)
  const until = options.until === undefined ? undefined : parsePast('--until', options.until, now)
  if (until !== undefined && until <= from) throw new UsageError('--until lies before --since.')
  const object = readObject(words)
  return withStore(async (store, dataDir) => {
    const place = await findPlace(options, dataDir)
    if (!(await isThere(store, dataDir, terminal))) {
      if (options.output === 'json') terminal.out(formatJson([]))
      return 0
    }
    const range = until === undefined ? { from } : { from, until }
    const { entries, hasMore } = await look(store, object, place, range, options.limit, signal)
    const title = object === null ? '' : ` of ${object.kind} ${object.name}`
    const where = place.namespace === '' ? place.name : `namespace ${place.namespace} of ${place.name}`
    if (hasMore) terminal.say(`There is more: these are the newest ${entries.length}. --limit shows others.`)
    if (options.output === 'json') terminal.out(formatJson(entries))
    else if (entries.length === 0) terminal.say(`Nothing was recorded${title} in ${where} since ${timeColumn(from)}.`)
    else terminal.out(formatTable(entries, columnsOf(place), terminal))
    return 0
  })
}

interface Named {
  /** null: not one of Flux's own. */
  readonly group: string | null
  readonly kind: string
  readonly name: string
}

/** `ks/apps`, or `ks` and `apps`. */
function readObject(words: readonly string[]): Named | null {
  if (words.length === 0) return null
  const slash = words[0]?.indexOf('/') ?? -1
  const [word, name] =
    words.length === 1 && slash > 0 ? [words[0]?.slice(0, slash), words[0]?.slice(slash + 1)] : [words[0], words[1]]
  if (!word || !name || words.length > 2) throw new UsageError('Name one object: KIND/NAME.')
  const known = findFluxKind(word)
  if (known !== null) return { group: known.group, kind: known.kind, name }
  // Of others the kind as it is written in manifests.
  return { group: null, kind: `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`, name }
}

async function findPlace(options: HistoryOptions, dataDir: string): Promise<Place> {
  const { kubeconfig, allNamespaces = false, namespace } = options
  const env = kubeconfig === undefined ? process.env : { ...process.env, KUBECONFIG: kubeconfig }
  const configs = createKubeConfigs({
    env,
    dataDir,
    logger: createStderrLogger(options.verbose === true),
    playgroundKubeconfig: () => null,
  })
  try {
    const [bytes] = await Promise.all([createBlobStore(dataDir).read('contexts.json'), configs.refresh()])
    const remembered = bytes === null ? null : parseRemembered(JSON.parse(new TextDecoder().decode(bytes)))
    const set = await new Promise<Parameters<typeof chooseContext>[0]>((resolve) => void configs.watch(resolve))
    const contexts = new Map<ClusterId, string>()
    for (const [id, { cluster }] of remembered?.known ?? [])
      contexts.set(cluster, set.contexts.find((info) => info.id === id)?.name ?? id)
    if (options.allContexts === true)
      return { clusters: null, namespace: allNamespaces ? '' : (namespace ?? ''), name: 'any cluster', contexts }
    const chosen = chooseContext(set, options.context)
    const known = remembered?.known.get(chosen.id)
    if (known === undefined)
      throw new SluiceError('NotFound', `Context ${chosen.name} was never recorded on this machine.`, {
        remedy: 'The window records the contexts that are selected in it. --all-contexts shows what there is.',
      })
    return {
      clusters: [known.cluster],
      namespace: allNamespaces ? '' : (namespace ?? (chosen.namespace || 'default')),
      name: chosen.name,
      contexts,
    }
  } finally {
    configs.dispose()
  }
}

/** Oldest first. When Sluice did not watch is always among them. */
async function look(
  store: EventStore,
  object: Named | null,
  { clusters, namespace }: Place,
  range: Pick<HistoryQuery, 'from' | 'until'>,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly HistoryEntry[]; readonly hasMore: boolean }> {
  const within = { ...range, ...(clusters === null ? {} : { clusters }) }
  const [cluster] = clusters ?? []
  let query: HistoryQuery = { ...within, types: toldTypes, ...(namespace === '' ? {} : { namespaces: [namespace] }) }
  let isSought: (entry: HistoryEntry) => boolean = () => true
  if (object !== null && object.group !== null && namespace !== '' && cluster !== undefined)
    query = {
      ...within,
      types: toldTypes,
      owner: { cluster, group: object.group, kind: object.kind, namespace, name: object.name },
    }
  else if (object !== null) {
    isSought = ({ ref, owner }) => [ref, owner].some((each) => each?.name === object.name && each.kind === object.kind)
    // Without its namespace it is found by its name: what belongs to it has another, and only the owner says so.
    query = object.group === null ? { ...query, kinds: [object.kind], words: [object.name] } : query
  }
  const found = await askAll(store, query, isSought, limit, signal)
  const oldest = found.hasMore ? (found.entries.at(-1)?.at ?? 0) : 0
  const sessions = await askAll(store, { ...within, types: ['session'] }, ({ at }) => at >= oldest, limit, signal)
  const byKey = new Map([...found.entries, ...sessions.entries].map((entry) => [entry.key, entry]))
  const entries = [...byKey.values()].sort((a, b) => a.at - b.at || Number(a.key) - Number(b.key))
  // When Sluice looked says nothing where nothing was seen.
  return { entries: found.entries.length === 0 ? [] : entries, hasMore: found.hasMore }
}

/** Newest first. */
async function askAll(
  store: EventStore,
  query: HistoryQuery,
  isSought: (entry: HistoryEntry) => boolean,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly HistoryEntry[]; readonly hasMore: boolean }> {
  const entries: HistoryEntry[] = []
  for (let after: string | null = null; ;) {
    const page = await store.query(query, { limit: Math.min(pageRows, limit + 1), after }, signal)
    entries.push(...page.entries.filter(isSought))
    if (entries.length > limit) return { entries: entries.slice(0, limit), hasMore: true }
    if (page.next === null) return { entries, hasMore: false }
    after = page.next
  }
}

function columnsOf({ clusters, contexts, namespace }: Place): readonly Column<HistoryEntry>[] {
  const columns: readonly (Column<HistoryEntry> | null)[] = [
    { title: 'TIME', value: ({ at }) => timeColumn(at) },
    clusters === null
      ? { title: 'CONTEXT', value: ({ cluster }: HistoryEntry) => contexts.get(cluster) ?? cluster }
      : null,
    { title: 'TYPE', value: ({ type }) => type },
    {
      title: 'OBJECT',
      value: ({ ref }) => (ref === null ? '' : `${ref.kind}/${namespace === '' ? refTitle(ref) : ref.name}`),
    },
    { title: 'REASON', value: (entry) => (entry.count > 1 ? `${entry.reason} (${entry.count}×)` : shownReason(entry)) },
    { title: 'REVISION', value: ({ revision }) => shortenRevision(revision) },
    { title: 'BY', value: ({ by }) => by },
    {
      title: 'MESSAGE',
      value: (entry) => {
        const until = gateUntil(entry)
        const notes = [until === null ? '' : `until ${timeColumn(until)}`, entry.isBackfilled ? 'found later' : '']
        const told = notes.filter((note) => note !== '').join(', ')
        return told === '' ? entry.message : `${entry.message} (${told})`.trim()
      },
    },
  ]
  return columns.filter((column) => column !== null)
}
