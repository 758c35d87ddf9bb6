/** Reads the field that a var stands for. Semantics: kyaml's `RNode.GetFieldValue` and Lookup. */
import { splitPath } from '../field-spec/field-spec.ts'
import { parseGoInteger } from '../yaml/go-number.ts'
import type { MapNode, ScalarNode, YamlNode } from '../yaml/node.ts'
import { getField } from '../yaml/node.ts'
import type { VarValue } from './expand-vars.ts'

/** Stands for a map or a list, which no var can hold. */
export const structured = Symbol('structured')

/** The value at a dotted path; `structured` for maps and lists, null where nothing is there or its text is not what its type says. */
export function readVarValue(root: MapNode, fieldPath: string): VarValue | typeof structured | null {
  let node: YamlNode | null = root
  for (const part of splitFieldPath(fieldPath)) {
    node = step(node, part)
    if (node === null) return null
  }
  return node.kind === 'scalar' ? scalarValue(node) : structured
}

/** Splits at dots; `\.` is a dot, `[...]` holds together, and loses its brackets unless it selects by `=`; `a[0]` is `a` and `0`. */
export function splitFieldPath(path: string): string[] {
  const pieces = splitPath(path, '.')
  const parts: string[] = []
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!
    if (!piece.startsWith('[') || piece.endsWith(']')) {
      parts.push(piece)
      continue
    }
    let bracketed = piece
    while (i + 1 < pieces.length) {
      bracketed += `.${pieces[++i]!}`
      if (bracketed.endsWith(']')) break
    }
    parts.push(bracketed.includes('=') ? bracketed : bracketed.replace(/^[[\]]+|[[\]]+$/g, ''))
  }
  return parts.flatMap((part) => {
    const index = /^(.*)\[([0-9]+)\]$/s.exec(part)
    if (index === null) return [part]
    return index[1] === '' ? [index[2]!] : [index[1]!, index[2]!]
  })
}

function step(node: YamlNode, rawPart: string): YamlNode | null {
  const part = rawPart.trim()
  if (part === '') return node
  if (node.kind === 'scalar') return null
  if (/^[+-]?[0-9]+$/.test(part) || part === '-') {
    if (node.kind !== 'sequence') return null
    const index = part === '-' ? node.items.length - 1 : Number(part)
    return node.items[index] ?? null
  }
  if (part.startsWith('[') && part.endsWith(']')) return node.kind === 'sequence' ? select(node.items, part) : null
  return node.kind === 'map' ? (getField(node, part) ?? null) : null
}

/** `[name=web]` selects the first map with that entry, `[=text]` the first scalar with that text. */
function select(items: readonly YamlNode[], part: string): YamlNode | null {
  const selector = part.slice(1, -1)
  const equals = selector.indexOf('=')
  if (equals < 0) return null
  const key = selector.slice(0, equals)
  const wanted = selector.slice(equals + 1)
  const textOf = (node: YamlNode | undefined): string | null => (node?.kind === 'scalar' ? node.value : null)
  return (
    items.find((item) =>
      key === '' ? textOf(item) === wanted : item.kind === 'map' && textOf(getField(item, key)) === wanted,
    ) ?? null
  )
}

function scalarValue(node: ScalarNode): VarValue | null {
  const { value } = node
  switch (node.tag) {
    case '!!int': {
      // Go's Atoi: decimal digits only, whatever YAML reads there.
      const number = /^[+-]?[0-9]+$/.test(value) ? parseGoInteger(value, 10) : null
      return number === null || BigInt(number) >= 2n ** 63n ? null : BigInt(number)
    }
    case '!!float':
      return /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(value) ? Number(value) : null
    case '!!bool':
      if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true
      return /^(0|f|F|FALSE|false|False)$/.test(value) ? false : null
    default:
      return value
  }
}
