/**
 * All nodes at a path with wildcards: `*`, indexes, `[name=REGEX]` (an RE2 expression that matches anywhere in the printed value), and
 * into YAML or JSON that a scalar holds.
 *
 * Semantics: kyaml's PathMatcher. What is changed inside a scalar's YAML is lost: the nodes found there belong to no tree.
 */
import { BuildError } from '../build-error.ts'
import { requireKind } from '../merge/node-kind.ts'
import { makeKey } from '../merge/scalar-style.ts'
import type { Regex, RegexCache } from '../selector/regex.ts'
import { emitV3 } from '../yaml/emit-v3.ts'
import type { SequenceNode, YamlNode } from '../yaml/node.ts'
import { fieldIndex, SequenceNode as SequenceList } from '../yaml/node.ts'
import { parseScalarYaml } from './embedded-yaml.ts'
import { appendSelected, fieldOf } from './lookup.ts'
import type { NodeKind } from './path-part.ts'
import { kindBefore, makeEmpty, splitElementSelector } from './path-part.ts'
import { isElementSelector, isIndex, parseIndex } from './split-path.ts'

/** A node found, with the means to put another in its place. */
export interface Slot {
  readonly node: YamlNode
  replace(node: YamlNode): void
}

/** What stands at `path`, in order; null where nothing does. With `create`, missing parts are made, the last one of that kind. Throws BuildError with kyaml's texts. */
export function matchPath(
  root: YamlNode,
  path: readonly string[],
  create: NodeKind | undefined,
  regexes: RegexCache,
): readonly Slot[] | null {
  const rootSlot: Slot = {
    node: root,
    replace() {
      throw new BuildError('TransformFailed', 'a whole object cannot be replaced')
    },
  }
  return new Matcher(path, create, regexes).match(rootSlot, 0)
}

class Matcher {
  private readonly path: readonly string[]
  private readonly create: NodeKind | undefined
  private readonly regexes: RegexCache

  constructor(path: readonly string[], create: NodeKind | undefined, regexes: RegexCache) {
    this.path = path
    this.create = create
    this.regexes = regexes
  }

  match(slot: Slot, at: number): Slot[] | null {
    const part = this.path[at]
    if (part === undefined) return [slot]
    if (isIndex(part)) return this.matchIndex(slot.node, part, at)
    if (isElementSelector(part)) return this.matchElements(slot.node, part, at, false)
    return part === '*' ? this.matchEvery(slot.node, at) : this.matchField(slot.node, part, at)
  }

  private matchField(node: YamlNode, name: string, at: number): Slot[] | null {
    let field = fieldOf(node, name)
    if (field === undefined) {
      if (this.create === undefined) return null
      field = makeEmpty(kindBefore(this.path[at + 1], this.create))
      if (node.kind === 'map') {
        node.keys.push(makeKey(name))
        node.values.push(field)
      }
    }
    if (field.kind === 'scalar' && at + 1 < this.path.length) {
      return this.matchWithin(field.value, at + 1)
    }
    return this.match(fieldSlot(node, name, field), at + 1)
  }

  private matchWithin(text: string, at: number): Slot[] | null {
    const document = parseScalarYaml(text)
    if (document !== undefined) return this.match({ node: document, replace: () => undefined }, at)
    const part = this.path[at]!
    const expected = part === '*' || isIndex(part) || isElementSelector(part) ? 'SequenceNode' : 'MappingNode'
    const message = `wrong node kind: expected ${expected} but got : node contents:\nnull\n`
    throw new BuildError('TransformFailed', message)
  }

  private matchIndex(node: YamlNode, part: string, at: number): Slot[] | null {
    const index = parseIndex(part)!
    const items = itemsOf(node)
    if (items.length === index && this.create !== undefined) {
      items.push(makeEmpty(kindBefore(this.path[at + 1], this.create)))
    }
    if (items.length < index + 1) {
      throw new BuildError('TransformFailed', `index ${index} specified but only ${items.length} elements found`)
    }
    return this.match(itemSlot(items, index), at + 1)
  }

  private matchEvery(node: YamlNode, at: number): Slot[] | null {
    const items = itemsOf(node)
    let result: Slot[] | null = null
    for (let i = 0; i < items.length; i++) {
      const found = this.match(itemSlot(items, i), at + 1)
      if (found !== null) result = result === null ? found : result.concat(found)
    }
    return result
  }

  private matchElements(node: YamlNode, part: string, at: number, isCreated: boolean): Slot[] | null {
    const { name, value } = splitElementSelector(part)
    const items = itemsOf(node)
    const result: Slot[] = []
    let regex: Regex | null = null
    for (let i = 0; i < items.length; i++) {
      regex ??= this.regexes.regex(value)
      const item = items[i]!
      if (name === '') {
        if (regex.matches(printed(item))) result.push(itemSlot(items, i))
        continue
      }
      const index = item.kind === 'map' ? fieldIndex(item, name) : -1
      if (item.kind !== 'map' || index < 0 || !regex.matches(printed(item.values[index]!))) continue
      const found = this.match(itemSlot(items, i), at + 1)
      if (found !== null) for (const slot of found) result.push(slot)
    }
    if (result.length > 0) return result
    if (this.create === undefined) return null
    if (isCreated) {
      // Upstream goes on for ever: what it creates does not match what it looks for.
      throw new BuildError('LimitExceeded', `failed to create element for "${part}": it does not match itself`)
    }
    // What is added to a null stays unseen, as upstream's does.
    const list = node.kind === 'sequence' ? node : new SequenceList()
    appendSelected(list, name, value)
    return this.matchElements(list, part, at, true)
  }
}

function itemsOf(node: YamlNode): YamlNode[] {
  requireKind(node, 'sequence')
  return node.kind === 'sequence' ? node.items : []
}

/** A value as kyaml prints it, blanks around it taken off: quotes are part of it. */
function printed(node: YamlNode): string {
  if (node.kind === 'scalar' && node.style === 'plain' && /^[A-Za-z0-9_./-]+$/.test(node.value) && isOwnText(node)) {
    return node.value
  }
  return emitV3(node).trim()
}

/** Plain texts that a parser reads back as they are tagged: no quotes are put around them. */
function isOwnText(node: YamlNode): boolean {
  return node.tag === '!!str' ? /^[A-Za-z_/]/.test((node as { value: string }).value) && !isWord(node) : true
}

function isWord(node: YamlNode): boolean {
  return /^(y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|null|Null|NULL)$/.test(
    (node as { value: string }).value,
  )
}

function fieldSlot(parent: YamlNode, name: string, node: YamlNode): Slot {
  return {
    node,
    replace(value) {
      if (parent.kind !== 'map') return
      const index = fieldIndex(parent, name)
      if (index >= 0) parent.values[index] = value
    },
  }
}

function itemSlot(items: SequenceNode['items'], index: number): Slot {
  return {
    node: items[index]!,
    replace(value) {
      items[index] = value
    },
  }
}
