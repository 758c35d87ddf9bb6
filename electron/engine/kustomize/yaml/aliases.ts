/**
 * Aliases and merge keys, resolved once a document is parsed: semantics of kyaml's DeAnchor. Whatever an alias would add is counted before
 * it is copied, so that a small text cannot grow into a large tree.
 */
import { BuildError } from '../build-error.ts'
import type { Tag, YamlNode } from './node.ts'
import { cloneNode, fieldIndex, MapNode, SequenceNode } from './node.ts'

/** Stands in a freshly parsed tree until its document is complete. */
export interface AliasNode {
  readonly kind: 'alias'
  readonly tag: Tag
  readonly name: string
  readonly target: YamlNode
  readonly line: number
}

export interface AliasOptions {
  readonly mergesKeys: boolean
  /** Whether what stands for an alias has the alias's line (go-yaml v2) or that of its anchor (v3). */
  readonly keepsAliasLines: boolean
  /** How many nodes aliases may add. */
  readonly maxNodes: number
}

type Unresolved = YamlNode | AliasNode

function isMergeKey(node: Unresolved): boolean {
  return node.kind === 'scalar' && node.tag === '!!merge'
}

/** True for a key that makes kyaml's merging change its map: a merge key, `<<` as a string, or a null that is written out. */
export function needsMerge(key: Unresolved): boolean {
  return (
    key.kind === 'scalar' && (key.value === '<<' || key.tag === '!!merge' || (key.tag === '!!null' && key.value !== ''))
  )
}

/** The tree with every alias replaced by a copy of what it names and merge keys filled in. Throws BuildError InvalidYaml or LimitExceeded. */
export function resolveAliases(root: Unresolved, options: AliasOptions): YamlNode {
  const resolver = new AliasResolver(options)
  resolver.check(root)
  return resolver.resolve(root)
}

class AliasResolver {
  private readonly options: AliasOptions
  private readonly sizes = new Map<YamlNode, number>()
  private readonly active = new Set<YamlNode>()
  private readonly done = new Set<YamlNode>()
  /** Collections whose size is being found out. */
  private readonly measured = new Set<YamlNode>()
  private plainNodes = 0

  constructor(options: AliasOptions) {
    this.options = options
  }

  resolve(node: Unresolved): YamlNode {
    switch (node.kind) {
      case 'scalar':
        return node
      case 'alias':
        return this.copyFor(node)
      case 'sequence': {
        if (this.done.has(node)) return node
        this.active.add(node)
        const { items } = node
        for (let i = 0; i < items.length; i++) items[i] = this.resolve(items[i] as Unresolved)
        this.finish(node)
        return node
      }
      case 'map': {
        if (this.done.has(node)) return node
        this.active.add(node)
        if (this.options.mergesKeys) this.mergeInto(node)
        const { keys, values } = node
        for (let i = 0; i < keys.length; i++) {
          keys[i] = this.resolve(keys[i] as Unresolved)
          values[i] = this.resolve(values[i] as Unresolved)
        }
        this.finish(node)
        return node
      }
    }
  }

  private copyFor(alias: AliasNode): YamlNode {
    const copy = cloneNode(this.resolve(this.targetOf(alias)))
    if (this.options.keepsAliasLines) copy.line = alias.line
    return copy
  }

  private finish(node: YamlNode): void {
    this.active.delete(node)
    this.done.add(node)
  }

  private targetOf(alias: AliasNode): YamlNode {
    if (this.active.has(alias.target)) throw selfReference(alias.name, alias.line)
    return alias.target
  }

  /** Refuses a tree that aliases would make too large, before anything is copied. */
  check(root: Unresolved): void {
    if (this.sizeOf(root) - this.plainNodes > this.options.maxNodes)
      throw new BuildError('LimitExceeded', 'yaml: document contains excessive aliasing')
  }

  /** Nodes of the tree with every alias expanded; each collection is looked at once. */
  private sizeOf(node: Unresolved): number {
    if (node.kind === 'scalar') {
      this.plainNodes++
      return 1
    }
    if (node.kind === 'alias') {
      if (this.measured.has(node.target)) throw selfReference(node.name, node.line)
      return node.target.kind === 'scalar' ? 1 : this.sizeOf(node.target)
    }
    const known = this.sizes.get(node)
    if (known !== undefined) return known
    this.plainNodes++
    this.measured.add(node)
    let size = 1
    if (node.kind === 'map') for (const key of node.keys as Unresolved[]) size += this.sizeOf(key)
    for (const child of (node.kind === 'map' ? node.values : node.items) as Unresolved[]) size += this.sizeOf(child)
    this.measured.delete(node)
    this.sizes.set(node, size)
    return size
  }

  /** kyaml's removeMergeTags and mergeAll: sources in the order that lets earlier ones win, the map's own fields over all. */
  private mergeInto(map: MapNode): void {
    if (!map.keys.some(needsMerge)) return
    let value: Unresolved | undefined
    for (let i = 0; i < map.keys.length; i++) {
      if (!isMergeKey(map.keys[i]!)) continue
      if (value !== undefined) throw mergeError('duplicate merge key', map.keys[i]!.line)
      value = map.values[i]
    }
    const sources = value === undefined ? [] : this.mergeSources(value)
    // kyaml removes the first key of this text, whether it is a merge key or a quoted string.
    const first = fieldIndex(map, '<<')
    if (first >= 0) {
      map.keys.splice(first, 1)
      map.values.splice(first, 1)
    }
    const own = new MapNode([...map.keys], [...map.values])
    const index = new Map<string, number>()
    map.keys.forEach((key, at) => {
      if (!index.has(keyText(key))) index.set(keyText(key), at)
    })
    for (const source of [...sources, own]) {
      const seen = new Set<string>()
      source.keys.forEach((key, at) => {
        // Of fields that stand twice kyaml's visitor sees the first.
        const name = keyText(key)
        if (seen.has(name)) return
        seen.add(name)
        const entry = source.values[at]!
        this.setEntry(
          map,
          index,
          source === own ? key : copyUnresolved(key),
          source === own ? entry : copyUnresolved(entry),
        )
      })
    }
  }

  private setEntry(map: MapNode, index: Map<string, number>, key: YamlNode, value: YamlNode): void {
    // kyaml looks for '' where the key is a null, and so adds a `~` that is there already once more.
    const name = key.tag === '!!null' ? '' : keyText(key)
    const at = index.get(name)
    if (at === undefined) {
      if (!index.has(keyText(key))) index.set(keyText(key), map.keys.length)
      map.keys.push(key)
      map.values.push(value)
    } else {
      map.keys[at] = key
      map.values[at] = value
    }
  }

  private mergeSources(value: Unresolved): MapNode[] {
    switch (value.kind) {
      case 'map':
        return [value]
      case 'alias': {
        const target = this.targetOf(value)
        if (target.kind !== 'map') throw mergeError('invalid map merge: received alias for a non-map value', value.line)
        return [target]
      }
      case 'sequence': {
        const sources: MapNode[] = []
        for (const item of value.items as Unresolved[]) {
          if (item.kind === 'sequence') throw mergeError('invalid map merge: received a nested sequence', item.line)
          sources.unshift(...this.mergeSources(item))
        }
        return sources
      }
      case 'scalar':
        throw mergeError('map merge requires map or sequence of maps as the value', value.line)
    }
  }
}

function selfReference(name: string, line: number): BuildError {
  return new BuildError('InvalidYaml', `yaml: anchor '${name}' value contains itself`, { line })
}

function mergeError(message: string, line: number): BuildError {
  return new BuildError('InvalidYaml', message, { line })
}

/** go-yaml's Node.Value: the text of a scalar, the name of an alias, '' for collections. */
function keyText(node: Unresolved): string {
  return node.kind === 'scalar' ? node.value : node.kind === 'alias' ? node.name : ''
}

/** A copy that keeps the aliases inside pointing where they point. */
function copyUnresolved(node: Unresolved): YamlNode {
  if (node.kind === 'alias') return node as unknown as YamlNode
  if (node.kind === 'scalar') return cloneNode(node)
  if (node.kind === 'sequence')
    return new SequenceNode(node.items.map(copyUnresolved), node.line, node.isFlow, node.tag)
  return new MapNode(node.keys.map(copyUnresolved), node.values.map(copyUnresolved), node.line, node.isFlow, node.tag)
}
