/** Drifting objects as a forest: by owner, field manager or namespace, the riskiest first. Pure. */
import type { DriftObject, DriftRisk } from '../../../shared/model/drift.ts'
import { isDrift } from '../../../shared/model/drift.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { TreeItem } from '../../ui/tree/tree-rows.ts'

export const driftGroupings = ['owner', 'manager', 'namespace'] as const
export type DriftGrouping = (typeof driftGroupings)[number]

export interface DriftEntry extends TreeItem {
  /** null: a group. */
  readonly object: DriftObject | null
  /** Of a group: its name, how many objects it has and the highest risk among them. */
  readonly heading: string
  readonly count: number
  readonly risk: DriftRisk['level']
  /** Of a group by owner. */
  readonly owner: ObjectRef | null
}

const ranks: Readonly<Record<DriftRisk['level'], number>> = { high: 0, medium: 1, low: 2 }

/** What the view lists: objects that drift, and those of which it is not known. Skipped ones are asked for by `is:skipped`. */
export function isListed(object: DriftObject): boolean {
  return isDrift(object.action) || object.action === 'refused' || object.action === 'moving'
}

function compareObjects(a: DriftObject, b: DriftObject): number {
  const rank = ranks[a.risk.level] - ranks[b.risk.level]
  if (rank !== 0) return rank
  if (a.ref.namespace !== b.ref.namespace) return a.ref.namespace < b.ref.namespace ? -1 : 1
  if (a.ref.name !== b.ref.name) return a.ref.name < b.ref.name ? -1 : 1
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

/** Groups and what is below them, in order. An object that several managers changed stands under each of them. */
export function driftEntries(
  objects: readonly DriftObject[],
  grouping: DriftGrouping,
  contextName: (cluster: string) => string,
): readonly DriftEntry[] {
  const groups = new Map<
    string,
    { readonly heading: string; readonly owner: ObjectRef | null; readonly objects: DriftObject[] }
  >()
  const add = (key: string, heading: string, owner: ObjectRef | null, object: DriftObject): void => {
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { heading, owner, objects: [object] })
    else known.objects.push(object)
  }
  for (const object of objects) {
    const where = contextName(object.ref.cluster)
    const prefix = where === '' ? '' : `${where} `
    if (grouping === 'owner') add(refKey(object.owner), `${prefix}${refTitle(object.owner)}`, object.owner, object)
    else if (grouping === 'namespace')
      add(
        `${object.ref.cluster}|${object.ref.namespace}`,
        `${prefix}${object.ref.namespace === '' ? 'cluster-scoped' : object.ref.namespace}`,
        null,
        object,
      )
    else if (object.managers.length === 0) add('', 'Manager not known', null, object)
    else for (const manager of object.managers) add(`manager ${manager}`, manager, null, object)
  }
  const ordered = [...groups].map(([key, group]) => {
    group.objects.sort(compareObjects)
    return { key, ...group, risk: group.objects[0]?.risk.level ?? 'low' }
  })
  ordered.sort(
    (a, b) =>
      Number(a.key === '') - Number(b.key === '') ||
      ranks[a.risk] - ranks[b.risk] ||
      (a.heading < b.heading ? -1 : a.heading > b.heading ? 1 : a.key < b.key ? -1 : 1),
  )
  const entries: DriftEntry[] = []
  for (const { key, heading, owner, objects: below, risk } of ordered) {
    const id = `${grouping} ${key}`
    entries.push({ id, parent: null, object: null, heading, count: below.length, risk, owner })
    for (const object of below)
      entries.push({
        id: `${id}\n${object.key}`,
        parent: id,
        object,
        heading: '',
        count: 0,
        risk: object.risk.level,
        owner: null,
      })
  }
  return entries
}
