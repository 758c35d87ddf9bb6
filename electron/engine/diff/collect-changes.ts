/**
 * Every difference between an object as it is and as it would be, as deep as it can be told apart: map keys, list items by merge keys, set
 * elements; other lists as a whole, or index by index where they hold maps and are equally long. One pass; paths are made for differences only.
 */
import { isLongNumber } from '../exact-json.ts'
import { areEqual } from './equal-values.ts'
import type { ListShape } from './list-shape.ts'
import { indexItems, itemSegment, itemTitle, shapeFromFields, shapeFromName } from './list-shape.ts'
import type { FieldNode } from './managed-fields.ts'
import { childOf, escapePointer } from './managed-fields.ts'

export interface Change {
  /** `spec.template.spec.containers[podinfo].image`. */
  readonly path: string
  /** Into the live object; into the would-be one where it is absent live. */
  readonly pointer: string
  /** Into the would-be object; where it is absent there, equal to `pointer`. */
  readonly gitPointer: string
  /** fieldsV1 segments. */
  readonly segments: readonly string[]
  /** undefined: absent. */
  readonly live: unknown
  readonly git: unknown
  /** The items are the same in another order: `live` and `git` are then their titles. */
  readonly isOrder: boolean
}

export interface Changes {
  readonly changes: readonly Change[]
  /** All of them, those beyond the limit too. */
  readonly total: number
}

interface Step {
  readonly live: string | number
  readonly git: string | number
  readonly segment: string
  readonly title: string
}

/**
 * `live` and `git` are whole objects of one version; `sets` the fields of managedFields entries that tell lists apart. Compares labels,
 * annotations and everything but metadata and status.
 */
export function collectChanges(
  live: Readonly<Record<string, unknown>>,
  git: Readonly<Record<string, unknown>>,
  sets: readonly FieldNode[],
  limit: number,
): Changes {
  return new Collector(limit).collect(live, git, sets)
}

/** Top-level keys that are never compared. */
export function isCompared(key: string): boolean {
  return key !== 'metadata' && key !== 'status' && key !== 'apiVersion' && key !== 'kind'
}

type Nodes = readonly (FieldNode | undefined)[]
type Plain = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLongNumber(value)
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

class Collector {
  private readonly changes: Change[] = []
  private total = 0
  private readonly steps: Step[] = []
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  collect(live: Plain, git: Plain, sets: readonly FieldNode[]): Changes {
    for (const name of ['labels', 'annotations']) {
      const a = metadataMap(live, name)
      const b = metadataMap(git, name)
      if (areEqual(a, b)) continue
      this.steps.push(keyStep('metadata'), keyStep(name))
      this.maps(a, b, descend(descend(sets, 'f:metadata'), `f:${name}`))
      this.steps.length = 0
    }
    for (const key of unitedKeys(live, git)) {
      if (!isCompared(key)) continue
      this.steps.push(keyStep(key))
      this.values(own(live, key), own(git, key), descend(sets, `f:${key}`))
      this.steps.pop()
    }
    return { changes: this.changes, total: this.total }
  }

  private values(live: unknown, git: unknown, nodes: Nodes): void {
    if (live === git) return
    if (isMap(live) && isMap(git)) this.maps(live, git, nodes)
    else if (isList(live) && isList(git)) this.lists(live, git, nodes)
    else if (!isLongNumber(live) || !areEqual(live, git)) this.note(live, git)
  }

  private maps(live: Plain, git: Plain, nodes: Nodes): void {
    for (const key of unitedKeys(live, git)) {
      const a = own(live, key)
      const b = own(git, key)
      if (a === b) continue
      this.steps.push(keyStep(key))
      this.values(a, b, descend(nodes, `f:${key}`))
      this.steps.pop()
    }
  }

  private lists(live: readonly unknown[], git: readonly unknown[], nodes: Nodes): void {
    if (areEqual(live, git)) return
    const shape = shapeFromFields(nodes) ?? shapeFromName(this.steps.at(-1)?.title ?? '', [live, git])
    if (shape === 'set' && this.sets(live, git)) return
    if (typeof shape === 'object' && this.items(live, git, nodes, shape)) return
    if (live.length === git.length && live.every(isMap) && git.every(isMap))
      live.forEach((item, index) => {
        if (areEqual(item, git[index])) return
        this.steps.push({ live: index, git: index, segment: `i:${String(index)}`, title: `[${String(index)}]` })
        this.values(item, git[index], [])
        this.steps.pop()
      })
    else this.note(live, git)
  }

  /** False where the items cannot be told apart by the keys. */
  private items(
    live: readonly unknown[],
    git: readonly unknown[],
    nodes: Nodes,
    { keys }: Exclude<ListShape, string>,
  ): boolean {
    const liveItems = indexItems(live, keys)
    const gitItems = indexItems(git, keys)
    if (liveItems === null || gitItems === null) return false
    const step = (item: Plain, liveIndex: number, gitIndex: number): Step => ({
      live: liveIndex,
      git: gitIndex,
      segment: itemSegment(item, keys),
      title: `[${itemTitle(item, keys)}]`,
    })
    let last = -1
    let isReordered = false
    for (const [id, gitIndex] of gitItems) {
      const item = git[gitIndex] as Plain
      const liveIndex = liveItems.get(id)
      this.steps.push(step(item, liveIndex ?? gitIndex, gitIndex))
      if (liveIndex === undefined) this.note(undefined, item)
      else {
        if (liveIndex < last) isReordered = true
        last = liveIndex
        if (!areEqual(live[liveIndex], item))
          this.values(live[liveIndex], item, descend(nodes, this.steps.at(-1)!.segment))
      }
      this.steps.pop()
    }
    for (const [id, liveIndex] of liveItems) {
      if (gitItems.has(id)) continue
      this.steps.push(step(live[liveIndex] as Plain, liveIndex, liveIndex))
      this.note(live[liveIndex], undefined)
      this.steps.pop()
    }
    if (isReordered) {
      const titles = (list: readonly unknown[]): string => list.map((item) => itemTitle(item as Plain, keys)).join(', ')
      this.note(titles(live), titles(git), true)
    }
    return true
  }

  private sets(live: readonly unknown[], git: readonly unknown[]): boolean {
    if (live.some(isMap) || git.some(isMap) || live.some(isLongNumber) || git.some(isLongNumber)) return false
    const liveItems = new Map(live.map((item, index) => [item, index]))
    const gitItems = new Map(git.map((item, index) => [item, index]))
    if (liveItems.size !== live.length || gitItems.size !== git.length) return false
    const before = this.total
    const visit = (item: unknown, index: number, a: unknown, b: unknown): void => {
      this.steps.push({ live: index, git: index, segment: `v:${JSON.stringify(item)}`, title: `[${String(item)}]` })
      this.note(a, b)
      this.steps.pop()
    }
    for (const [item, index] of gitItems) if (!liveItems.has(item)) visit(item, index, undefined, item)
    for (const [item, index] of liveItems) if (!gitItems.has(item)) visit(item, index, item, undefined)
    if (this.total === before) this.note(live.join(', '), git.join(', '), true)
    return true
  }

  private note(live: unknown, git: unknown, isOrder = false): void {
    this.total += 1
    if (this.changes.length >= this.limit) return
    let path = ''
    let livePointer = ''
    let gitPointer = ''
    for (const step of this.steps) {
      path = joinPath(path, step.title)
      livePointer += `/${escapePointer(step.live)}`
      gitPointer += `/${escapePointer(step.git)}`
    }
    this.changes.push({
      path,
      pointer: live === undefined ? gitPointer : livePointer,
      gitPointer: git === undefined ? livePointer : gitPointer,
      segments: this.steps.map((step) => step.segment),
      live,
      git,
      isOrder,
    })
  }
}

/** Appends a key or an item in brackets to a path for people. Keys that hold dots or slashes go into brackets too. */
export function joinPath(path: string, title: string): string {
  if (title.startsWith('[')) return path + title
  if (!/^[A-Za-z0-9_-]+$/.test(title)) return `${path}[${title}]`
  return path === '' ? title : `${path}.${title}`
}

function keyStep(key: string): Step {
  return { live: key, git: key, segment: `f:${key}`, title: key }
}

function descend(nodes: Nodes, segment: string): Nodes {
  if (nodes.length === 0) return nodes
  const result: FieldNode[] = []
  for (const node of nodes) {
    const child = childOf(node, segment)
    if (child !== undefined) result.push(child)
  }
  return result
}

function metadataMap(object: Plain, name: string): Plain {
  const metadata = object['metadata']
  const value = isMap(metadata) ? own(metadata, name) : undefined
  return isMap(value) ? value : {}
}

function own(map: Plain, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** Keys of `git` first, then those that only `live` has: the order of the text. */
function unitedKeys(live: Plain, git: Plain): readonly string[] {
  const keys = Object.keys(git)
  for (const key of Object.keys(live)) if (!Object.hasOwn(git, key)) keys.push(key)
  return keys
}
