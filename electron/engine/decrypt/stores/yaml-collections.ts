/**
 * A plaintext tree as SOPS hands it to go-yaml: comments joined to the entries that follow them, scalars with their styles.
 * Semantics: SOPS 3.13.2 `stores/yaml` (`appendTreeBranch`, `appendSequence`, `treeValueToNode`), go-yaml v3 `encode.go`.
 */
import { encodeBase64, formatFloatGeneral } from '../tree/go-format.ts'
import type { SopsBranch, SopsItem, SopsValue } from '../tree/sops-tree.ts'
import { ForeignValue, GoBytes, SopsComment, SopsTime } from '../tree/sops-tree.ts'
import { StoreFault } from './store-fault.ts'
import type { WrittenStyle } from './yaml-scalar.ts'
import { allowedStyle, shapeOf, wantedStyle } from './yaml-scalar.ts'

export interface WrittenScalar {
  readonly tag: string
  readonly text: string
  readonly style: WrittenStyle
}

export interface Entry {
  readonly key: string | null
  readonly value: SopsValue
  readonly head: string
  readonly line: string
}

/** A collection as SOPS builds its node: comments joined to the entries they stand before. */
export interface Collection {
  readonly head: string
  readonly entries: Entry[]
  /** Comments behind the last entry. */
  readonly foot: string
}

function joinComments(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `#${texts.join('\n#')}`
}

function keyText(key: SopsItem['key']): string {
  if (typeof key === 'string') return key
  throw new StoreFault('Error marshaling to YAML: a key that is no string')
}

function collect(parts: readonly { comment: SopsComment | null; key: string | null; value: SopsValue }[]): Collection {
  const entries: Entry[] = []
  let head = ''
  let heads: string[] = []
  let lines: string[] = []
  for (const { comment, key, value } of parts) {
    if (comment !== null) {
      ;(comment.isInline ? lines : heads).push(comment.text)
      continue
    }
    if (entries.length === 0) {
      head = joinComments(heads)
      heads = []
    }
    entries.push({ key, value, head: joinComments(heads), line: joinComments(lines) })
    heads = []
    lines = []
  }
  const rest = joinComments([...heads, ...lines])
  return entries.length === 0 ? { head: rest, entries, foot: '' } : { head, entries, foot: rest }
}

export function collectBranch(branch: SopsBranch): Collection {
  return collect(
    branch.items.map(({ key, value }) =>
      key instanceof SopsComment ? { comment: key, key: null, value } : { comment: null, key: keyText(key), value },
    ),
  )
}

export function collectList(list: readonly SopsValue[]): Collection {
  return collect(list.map((value) => ({ comment: value instanceof SopsComment ? value : null, key: null, value })))
}

function stringScalar(text: string): WrittenScalar {
  // SOPS lets go-yaml write each scalar and read it again: a merge key keeps its tag, and a text that begins with a tab is lost, because
  // go-yaml cannot read the block scalar that it made of it
  if (text === '<<') return { tag: '!!merge', text, style: 'plain' }
  const style = wantedStyle(text)
  if (text.startsWith('\t') && allowedStyle(style, shapeOf(text), false) === 'literal') return scalarOf(null)
  return { tag: '', text, style }
}

export function scalarOf(value: SopsValue): WrittenScalar {
  if (value === null) return { tag: '', text: 'null', style: 'plain' }
  if (typeof value === 'string') return stringScalar(value)
  if (typeof value === 'number') return { tag: '', text: floatText(value), style: 'plain' }
  if (typeof value === 'boolean' || typeof value === 'bigint') return { tag: '', text: String(value), style: 'plain' }
  if (value instanceof SopsTime) return { tag: '', text: value.text, style: 'plain' }
  if (value instanceof GoBytes) {
    const whole = encodeBase64(value.bytes)
    const lines = whole.length < 70 ? whole : whole.replace(/.{1,70}/g, '$&\n')
    return { tag: '!!binary', text: lines, style: lines.includes('\n') ? 'literal' : 'plain' }
  }
  if (value instanceof ForeignValue) return { tag: '', text: value.text, style: 'plain' }
  throw new StoreFault('Error marshaling to YAML: a value of an unknown type')
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  return formatFloatGeneral(value)
}
