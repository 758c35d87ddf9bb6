/** YAML text of an object and the lines on which its fields begin. */
import { emitYaml } from '../detail/emit-yaml.ts'
import { isLongNumber } from '../exact-json.ts'
import { pointerParts } from '../gate/json-pointer.ts'

export interface TextLines {
  readonly text: string
  /** 1-based line on which the value at a pointer begins; 0 where there is none. */
  readonly lines: ReadonlyMap<string, number>
}

type Wanted = Map<string, Wanted>

const maxLength = 2_000_000

/** `pointers` are looked for; a text of more than 2 M characters is cut. */
export function textWithLines(value: Readonly<Record<string, unknown>>, pointers: readonly string[]): TextLines {
  const parts: string[] = []
  let length = 0
  for (const piece of emitYaml(value)) {
    parts.push(piece)
    length += piece.length
    if (length <= maxLength) continue
    parts.push('# The rest is left out: the object is too long to show.\n')
    break
  }
  const wanted: Wanted = new Map()
  for (const pointer of pointers) {
    let node = wanted
    for (const part of pointerParts(pointer)) {
      let next = node.get(part)
      if (next === undefined) node.set(part, (next = new Map<string, Wanted>()))
      node = next
    }
  }
  const lines = new Map<string, number>()
  place(value, wanted, '', 1, lines, new WeakMap())
  return { text: parts.join(''), lines }
}

function place(
  value: unknown,
  wanted: Wanted,
  pointer: string,
  line: number,
  lines: Map<string, number>,
  counts: WeakMap<object, number>,
): void {
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  let at = line
  let left = wanted.size
  for (const [key, item] of Object.entries(value)) {
    if (left === 0) return
    const node = wanted.get(key)
    if (node !== undefined) {
      left -= 1
      const own = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      lines.set(own, at)
      // The first key of an item stands on the dash's line; all else begins below its key.
      const startsHere = isList && !Array.isArray(item)
      if (node.size > 0) place(item, node, own, startsHere ? at : at + 1, lines, counts)
    }
    at += entryLines(item, isList, counts)
  }
}

function entryLines(item: unknown, isInList: boolean, counts: WeakMap<object, number>): number {
  if (typeof item === 'string') return item.includes('\n') ? countLines(item) : 1
  if (typeof item !== 'object' || item === null || isLongNumber(item)) return 1
  const known = counts.get(item)
  const isList = Array.isArray(item)
  const inner = known ?? Object.values(item).reduce<number>((sum, each) => sum + entryLines(each, isList, counts), 0)
  counts.set(item, inner)
  if (inner === 0) return 1
  return isInList && !isList ? inner : inner + 1
}

function countLines(text: string): number {
  let count = 0
  for (const piece of emitYaml(text)) count += piece.split('\n').length - 1
  return count
}
