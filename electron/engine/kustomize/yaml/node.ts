/**
 * The YAML node tree that every filter works on: kyaml's RNode, reduced to what can reach the output. Comments, styles other than those
 * that decide a scalar's type, and anchors never do (aliases are resolved when a document is loaded), so they are not kept.
 *
 * Semantics: go-yaml v3 nodes. A plain scalar's `tag` is resolved when it is parsed (`5` is `!!int`), a quoted one is `!!str`.
 */

/** Short tags as go-yaml's `ShortTag()` gives them; custom tags stay as written. */
export type Tag =
  '!!str' | '!!int' | '!!float' | '!!bool' | '!!null' | '!!timestamp' | '!!binary' | '!!merge' | (string & {})

/** How a scalar was written: it matters only for plain or not, and for what go-yaml's v3 emitter prints into strings. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export class ScalarNode {
  readonly kind = 'scalar'
  value: string
  tag: Tag
  style: ScalarStyle
  /** 1-based line in its file; 0 for a node that no file holds. */
  line: number

  constructor(value: string, tag: Tag, style: ScalarStyle, line: number) {
    this.value = value
    this.tag = tag
    this.style = style
    this.line = line
  }
}

/** Keys in the order of the input; a key may stand twice (refused only when the document is printed, as upstream does). */
export class MapNode {
  readonly kind = 'map'
  readonly keys: YamlNode[]
  readonly values: YamlNode[]
  tag: Tag
  line: number
  /** Written as `{}` in flow style: only the v3 emitter looks. */
  isFlow: boolean

  constructor(keys: YamlNode[] = [], values: YamlNode[] = [], line = 0, isFlow = false, tag: Tag = '!!map') {
    this.keys = keys
    this.values = values
    this.tag = tag
    this.line = line
    this.isFlow = isFlow
  }
}

export class SequenceNode {
  readonly kind = 'sequence'
  readonly items: YamlNode[]
  tag: Tag
  line: number
  isFlow: boolean

  constructor(items: YamlNode[] = [], line = 0, isFlow = false, tag: Tag = '!!seq') {
    this.items = items
    this.tag = tag
    this.line = line
    this.isFlow = isFlow
  }
}

export type YamlNode = ScalarNode | MapNode | SequenceNode

/** A string scalar as code makes it: tag `!!str`, plain style; printing quotes it where it must. */
export function makeString(value: string): ScalarNode {
  return new ScalarNode(value, '!!str', 'plain', 0)
}

export function makeScalar(value: string, tag: Tag): ScalarNode {
  return new ScalarNode(value, tag, 'plain', 0)
}

export function makeNull(): ScalarNode {
  return new ScalarNode('null', '!!null', 'plain', 0)
}

/** True for a missing node and for one tagged `!!null`: what kyaml's `IsNil`/`IsTaggedNull` say together. */
export function isNullNode(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.tag === '!!null')
}

/** Index of the first entry with this key, -1 if none. */
export function fieldIndex(map: MapNode, key: string): number {
  const { keys } = map
  for (let i = 0; i < keys.length; i++) {
    const entry = keys[i]!
    if (entry.kind === 'scalar' && entry.value === key) return i
  }
  return -1
}

/** Value of the first entry with this key (it may be a null scalar); undefined if there is none. */
export function getField(map: MapNode, key: string): YamlNode | undefined {
  const index = fieldIndex(map, key)
  return index < 0 ? undefined : map.values[index]
}

/** Replaces the first entry with this key in place, else appends one. */
export function setField(map: MapNode, key: string, value: YamlNode): void {
  const index = fieldIndex(map, key)
  if (index >= 0) map.values[index] = value
  else {
    map.keys.push(makeString(key))
    map.values.push(value)
  }
}

/** Removes the first entry with this key and gives its value; undefined if there is none. */
export function removeField(map: MapNode, key: string): YamlNode | undefined {
  const index = fieldIndex(map, key)
  if (index < 0) return undefined
  map.keys.splice(index, 1)
  return map.values.splice(index, 1)[0]
}

/** The map under `key`, null where there is none or it is not a map. */
export function getMap(map: MapNode, key: string): MapNode | null {
  const value = getField(map, key)
  return value?.kind === 'map' ? value : null
}

/** Text of the scalar under `key`; '' where there is none, it is null or it is not a scalar. */
export function getText(map: MapNode, key: string): string {
  const value = getField(map, key)
  return value?.kind === 'scalar' && value.tag !== '!!null' ? value.value : ''
}

/** A deep copy. Only scalar keys are shared with the origin: a key is replaced, never changed. */
export function cloneNode<T extends YamlNode>(node: T): T
export function cloneNode(node: YamlNode): YamlNode {
  if (node.kind === 'scalar') return new ScalarNode(node.value, node.tag, node.style, node.line)
  if (node.kind === 'map') {
    const keys = node.keys.slice()
    for (let i = 0; i < keys.length; i++) if (keys[i]!.kind !== 'scalar') keys[i] = cloneNode(keys[i]!)
    return new MapNode(keys, cloneNodes(node.values), node.line, node.isFlow, node.tag)
  }
  return new SequenceNode(cloneNodes(node.items), node.line, node.isFlow, node.tag)
}

function cloneNodes(nodes: readonly YamlNode[]): YamlNode[] {
  const cloned = nodes.slice()
  for (let i = 0; i < cloned.length; i++) cloned[i] = cloneNode(cloned[i]!)
  return cloned
}
