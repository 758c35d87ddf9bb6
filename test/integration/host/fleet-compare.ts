/** Two clusters, object by object and field by field; what may differ is in fleet-exceptions.ts and nowhere else. */
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { findCondition, readConditions } from '../../../electron/engine/status/conditions.ts'
import type { TestCluster } from '../../cluster/start.ts'
import {
  combinedEvents,
  contested,
  drawnFields,
  eventsAtOnce,
  leftOutByClock,
  leftOutFields,
  leftOutKinds,
  leftOutObjects,
  leftOutReasons,
  maskedInMessages,
  partOfFailure,
  unhostedManagers,
  unhostedSources,
  unorderedConditions,
} from './fleet-exceptions.ts'

export interface Comparison {
  readonly objects: number
  /** Leaves of the objects of the real controllers' cluster. */
  readonly fields: number
  readonly events: number
  /** `namespace/name: message` of each Kustomization and GitRepository that is not Ready, on the real controllers' cluster. */
  readonly notReady: readonly string[]
  /** `Kind namespace/name path: REAL there, OURS here`. */
  readonly differences: readonly string[]
}

interface ListedResource {
  readonly name: string
  readonly kind: string
  readonly verbs: readonly string[]
}

/** All objects of a cluster that can be listed, by `Kind.group namespace/name`. */
export async function readObjects(cluster: TestCluster): Promise<ReadonlyMap<string, KubeObject>> {
  const { groups } = await cluster.requestOk<{ groups: { preferredVersion: { groupVersion: string } }[] }>(
    'GET',
    '/apis',
  )
  const found = new Map<string, KubeObject>()
  const readGroup = async (groupVersion: string): Promise<void> => {
    const root = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`
    const { resources } = await cluster.requestOk<{ resources: ListedResource[] }>('GET', root)
    for (const { name, kind, verbs } of resources) {
      if (name.includes('/') || !verbs.includes('list') || leftOutKinds.has(kind)) continue
      const { status, body } = await cluster.request('GET', `${root}/${name}`)
      // A definition that has just gone is served for a moment longer.
      for (const item of status === 200 ? (body as { items: KubeObject[] }).items : []) {
        const object = { ...item, apiVersion: groupVersion, kind }
        if (leftOutObjects.some(({ is }) => is(object))) continue
        found.set(`${kind}.${groupVersion} ${item.metadata.namespace ?? ''}/${item.metadata.name}`, object)
      }
    }
  }
  await Promise.all(['v1', ...groups.map((group) => group.preferredVersion.groupVersion)].map(readGroup))
  return found
}

export async function compareClusters(real: TestCluster, ours: TestCluster): Promise<Comparison> {
  const [theirs, mine] = await Promise.all([readObjects(real), readObjects(ours)])
  const shared = new Set([...contestedOf(theirs), ...contestedOf(mine)])
  const [told, said] = await Promise.all([readEvents(real, shared), readEvents(ours, shared)])
  const differences: string[] = []
  let fields = 0
  for (const key of [...new Set([...theirs.keys(), ...mine.keys()])].sort()) {
    const [one, other] = [theirs.get(key), mine.get(key)]
    if (one !== undefined && other !== undefined && shared.has(nameOf(one))) continue
    if (one === undefined || other === undefined)
      differences.push(`${key}: ${one === undefined ? 'only here' : 'only there'}`)
    else
      fields += compareFields(comparable(one), comparable(withoutPartOfFailure(one, other, mine)), '', (path, a, b) => {
        differences.push(`${key} ${path}: ${print(a)} there, ${print(b)} here`)
      })
  }
  const combined = new Set([...told.lines, ...said.lines].filter((line) => line.includes(combinedEvents)).map(reasonOf))
  const wordsOf = (lines: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...lines].map((line) => (combined.has(reasonOf(line)) ? reasonOf(line) : line)))
  const [there, here] = [wordsOf(told.lines), wordsOf(said.lines)]
  for (const line of [...there].sort())
    if (!here.has(line) && !said.silenced.has(typeOf(line))) differences.push(`event only there: ${line}`)
  for (const line of [...here].sort())
    if (!there.has(line) && !told.silenced.has(typeOf(line))) differences.push(`event only here: ${line}`)
  const notReady = [...theirs.values()].flatMap((object) => {
    if (object.kind !== 'Kustomization' && object.kind !== 'GitRepository') return []
    const ready = findCondition(readConditions(object), 'Ready')
    const { namespace = '', name } = object.metadata
    return ready?.status === 'True' ? [] : [`${namespace}/${name}: ${ready?.reason ?? ''} ${ready?.message ?? ''}`]
  })
  return { objects: theirs.size, fields, events: told.lines.size, notReady: notReady.sort(), differences }
}

interface ToldEvents {
  readonly lines: ReadonlySet<string>
  /** `Kind namespace/name: Type` of which no more is told. */
  readonly silenced: ReadonlySet<string>
}

/** `Kind namespace/name: Type Reason: message` of what either controller told, each once; annotations are compared in twin-kustomizations.ts. */
async function readEvents(cluster: TestCluster, shared: ReadonlySet<string>): Promise<ToldEvents> {
  interface Told {
    readonly type: string
    readonly reason: string
    readonly message: string
    readonly involvedObject: { readonly kind: string; readonly namespace: string; readonly name: string }
    readonly source: { readonly component?: string }
    readonly count?: number
  }
  const { items } = await cluster.requestOk<{ items: Told[] }>('GET', '/api/v1/events')
  const lines = new Set<string>()
  const counts = new Map<string, number>()
  const waiting = new Set<string>()
  for (const { type, reason, message, involvedObject: of, source, count = 1 } of items) {
    const isHosted =
      (source.component === 'kustomize-controller' && of.kind === 'Kustomization') ||
      (source.component === 'source-controller' && of.kind === 'GitRepository')
    if (!isHosted) continue
    const object = `${of.kind} ${of.namespace}/${of.name}`
    const words = message.split('\n').filter((line) => !shared.has(line.slice(0, line.lastIndexOf(' '))))
    if (words.length === 0) continue
    const told = `${type} ${reason}: ${maskText(words.join('\n'))}`
    const line = `${object}: ${told}`
    const key = typeOf(line)
    counts.set(key, (counts.get(key) ?? 0) + count)
    if (leftOutReasons.has(reason)) waiting.add(key)
    else if (!leftOutByClock.some((each) => each.line.test(told))) lines.add(line)
  }
  const silenced = [...waiting].filter((key) => (counts.get(key) ?? 0) >= eventsAtOnce)
  return { lines, silenced: new Set(silenced) }
}

/** `Kind namespace/name: Type`. */
const typeOf = (line: string): string => line.slice(0, line.indexOf(' ', line.indexOf(': ') + 2))

/** `Kind namespace/name: Type Reason`. */
const reasonOf = (line: string): string => line.split(': ').slice(0, 2).join(': ')

export function maskText(text: string): string {
  return maskedInMessages.reduce((masked, [, pattern, by]) => masked.replaceAll(pattern, by), text)
}

interface Inventoried extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly managedFields?: readonly { readonly fieldsV1?: { readonly 'f:status'?: Record<string, unknown> } }[]
  }
  readonly status?: { inventory?: { readonly entries?: readonly { readonly id: string }[] } }
}

/** Ours, its inventory as theirs where it has no more than `partOfFailure` allows: what is there, and carries the labels of an apply of it. */
function withoutPartOfFailure(one: KubeObject, other: KubeObject, ours: ReadonlyMap<string, KubeObject>): KubeObject {
  const [theirs, mine] = [one as Inventoried, other as Inventoried]
  const hasFailed = [one, other].every((object) => partOfFailure.isOf(object))
  const [there, here] = [theirs.status?.inventory?.entries ?? [], mine.status?.inventory?.entries ?? []]
  if (!hasFailed || here.length <= there.length) return other
  const known = new Set(there.map(({ id }) => id))
  const applied = new Set([...ours.values()].filter((object) => isAppliedBy(object, other)).map(idOf))
  const isExplained = here.every(({ id }) => known.has(id) || applied.has(id))
  if (!isExplained || [...known].some((id) => !here.some((entry) => entry.id === id))) return other
  const copy = structuredClone(mine)
  if (theirs.status?.inventory !== undefined)
    return { ...copy, status: { ...copy.status, inventory: theirs.status.inventory } }
  delete copy.status?.inventory
  for (const { fieldsV1 } of copy.metadata.managedFields ?? []) delete fieldsV1?.['f:status']?.['f:inventory']
  return copy
}

function isAppliedBy({ metadata: { labels = {} } }: KubeObject, { metadata }: KubeObject): boolean {
  const owner = 'kustomize.toolkit.fluxcd.io'
  return labels[`${owner}/name`] === metadata.name && labels[`${owner}/namespace`] === metadata.namespace
}

function idOf({ apiVersion, kind, metadata: { name, namespace = '' } }: KubeObject): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return `${namespace}_${name.replaceAll(':', '__')}_${group}_${kind}`
}

/** `Kind/namespace/name`, or `Kind/name`, as events tell of it. */
const nameOf = ({ kind, metadata: { name, namespace } }: KubeObject): string =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`

/** By `nameOf`. */
function contestedOf(objects: ReadonlyMap<string, KubeObject>): ReadonlySet<string> {
  const owners = new Map<string, number>()
  for (const object of objects.values()) {
    if (object.kind !== 'Kustomization') continue
    for (const { id } of (object as Inventoried).status?.inventory?.entries ?? [])
      owners.set(id, (owners.get(id) ?? 0) + 1)
  }
  return new Set([...objects.values()].filter((object) => contested.isSo(owners.get(idOf(object)) ?? 0)).map(nameOf))
}

interface Compared {
  readonly status?: { readonly conditions?: { readonly type: string }[] }
}

function comparable(object: KubeObject): unknown {
  const isUnhosted = unhostedSources.has(object.kind)
  const {
    managedFields = [],
    finalizers,
    ...metadata
  } = object.metadata as KubeObject['metadata'] & {
    readonly finalizers?: readonly string[]
  }
  const managers = (managedFields as readonly { readonly manager?: string }[])
    .filter(({ manager = '' }) => !isUnhosted || !unhostedManagers.has(manager))
    .map((entry) => [JSON.stringify({ ...entry, time: null }), entry] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry)
  const plain = { ...object, metadata: { ...metadata, ...(isUnhosted ? {} : { finalizers }), managedFields: managers } }
  const compared = JSON.parse(JSON.stringify(isUnhosted ? { ...plain, status: undefined } : plain)) as Compared
  const { conditions } = compared.status ?? {}
  if (unorderedConditions.has(object.kind)) conditions?.sort((a, b) => (a.type < b.type ? -1 : 1))
  return compared
}

/** Answers how many leaves were compared. */
function compareFields(
  one: unknown,
  other: unknown,
  path: string,
  differ: (path: string, one: unknown, other: unknown) => void,
): number {
  if (!isContainer(one) || !isContainer(other) || Array.isArray(one) !== Array.isArray(other)) {
    const [a, b] = [typeof one === 'string' ? maskText(one) : one, typeof other === 'string' ? maskText(other) : other]
    if (isContainer(a) || isContainer(b) || a !== b) differ(path, ...fromDifference(a, b))
    return 1
  }
  let count = 0
  const plain = path.replaceAll(/\.\d+/g, '')
  const exceptions = leftOutFields.filter(({ isOf }) => isOf(plain))
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    if (exceptions.some(({ fields }) => fields.includes(key))) continue
    const at = path === '' ? key : `${path}.${key}`
    const drawn = drawnFields.find(({ fields, isOf }) => isOf(plain) && fields.includes(key))
    const [a, b] = [one[key], other[key]].map((value) => (drawn ? withoutDrawn(value, drawn.isDrawn) : value))
    count += compareFields(a, b, at, differ)
  }
  return count
}

const withoutDrawn = (value: unknown, isDrawn: (value: unknown) => boolean): unknown =>
  Array.isArray(value) ? value.map((item) => withoutDrawn(item, isDrawn)) : isDrawn(value) ? 'drawn' : value

const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Of two long texts what is around the first difference. */
function fromDifference(one: unknown, other: unknown): readonly [unknown, unknown] {
  if (typeof one !== 'string' || typeof other !== 'string') return [one, other]
  const same = [...one].findIndex((character, index) => character !== other[index])
  const from = Math.max(0, (same === -1 ? one.length : same) - 80)
  return from === 0 ? [one, other] : [`…${one.slice(from)}`, `…${other.slice(from)}`]
}

function print(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}
