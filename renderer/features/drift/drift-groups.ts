/** Drifting objects as a forest: by owner, field manager or namespace, the riskiest first. Pure. */
import type { DriftObject } from '../../../shared/model/drift.ts'
import { driftRank, isDrift } from '../../../shared/model/drift.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { TreeItem } from '../../ui/tree/tree-rows.ts'

export const driftGroupings = ['owner', 'manager', 'namespace'] as const
export type DriftGrouping = (typeof driftGroupings)[number]

export interface DriftEntry extends TreeItem {
  /** null: a group. */
  readonly object: DriftObject | null
  /** Of a group: its name, how many objects it has. */
  readonly heading: string
  readonly count: number
  /** Of a group by owner. */
  readonly owner: ObjectRef | null
}

/** What the view lists: objects that drift, and those of which it is not known. Skipped ones are asked for by `is:skipped`. */
export function isListed(object: DriftObject): boolean {
  return isDrift(object.action) || object.action === 'refused' || object.action === 'moving'
}

function compareObjects(a: DriftObject, b: DriftObject): number {
  const rank = driftRank(a) - driftRank(b)
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
    return { key, ...group, rank: group.objects[0] === undefined ? 0 : driftRank(group.objects[0]) }
  })
  ordered.sort(
    (a, b) =>
      Number(a.key === '') - Number(b.key === '') ||
      a.rank - b.rank ||
      (a.heading < b.heading ? -1 : a.heading > b.heading ? 1 : a.key < b.key ? -1 : 1),
  )
  const entries: DriftEntry[] = []
  for (const { key, heading, owner, objects: below } of ordered) {
    const id = `${grouping} ${key}`
    entries.push({ id, parent: null, object: null, heading, count: below.length, owner })
    for (const object of below)
      entries.push({
        id: `${id}\n${object.key}`,
        parent: id,
        object,
        heading: '',
        count: 0,
        owner: null,
      })
  }
  return entries
}
