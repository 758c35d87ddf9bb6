/**
 * Writing a replacement's value into the fields of one object, also into YAML or JSON that a field holds as text.
 *
 * Semantics and texts: kustomize's copyValueToTarget, setFieldValue and setValueInStructuredData. A scalar keeps its type and takes only the
 * text: an integer stays an integer, a text stays a text.
 */
import { BuildError } from '../build-error.ts'
import { textOf } from '../merge/list-elements.ts'
import { replaceText } from '../merge/scalar-style.ts'
import { parseScalarYaml, printScalarYaml } from '../paths/embedded-yaml.ts'
import { lookupStep } from '../paths/lookup.ts'
import type { Slot } from '../paths/match-path.ts'
import { matchPath } from '../paths/match-path.ts'
import { splitPath } from '../paths/split-path.ts'
import { quoteGo } from '../selector/quote-go.ts'
import type { RegexCache } from '../selector/regex.ts'
import type { ScalarNode, YamlNode } from '../yaml/node.ts'
import { cloneNode, isNullNode } from '../yaml/node.ts'

export interface FieldOptions {
  /** '' to take the whole text. */
  readonly delimiter: string
  readonly index: number
  readonly create: boolean
}

export interface FieldPath {
  readonly text: string
  readonly parts: readonly string[]
}

export function makeFieldPath(text: string): FieldPath {
  return { text, parts: splitPath(text) }
}

/** Writes `value` to every field of the paths. Throws BuildError TransformFailed with upstream's texts. */
export function setFields(
  root: YamlNode,
  fieldPaths: readonly FieldPath[],
  value: YamlNode,
  options: FieldOptions | null,
  regexes: RegexCache,
): void {
  const create = options?.create === true ? value.kind : undefined
  for (const { text, parts: path } of fieldPaths) {
    if (setInEmbedded(root, path, value, create, regexes)) continue
    let slots: readonly Slot[] | null
    try {
      slots = matchPath(root, path, create, regexes)
    } catch (error) {
      throw error instanceof BuildError ? error.wrap(notFound(text, create !== undefined)) : error
    }
    if (slots === null || slots.length === 0) {
      throw new BuildError('TransformFailed', notFound(text, create !== undefined))
    }
    for (const slot of slots) setSlot(slot, value, options)
  }
}

function notFound(fieldPath: string, isCreating: boolean): string {
  return `unable to find${isCreating ? ' or create' : ''} field ${quoteGo(fieldPath)} in replacement target`
}

function setSlot(slot: Slot, value: YamlNode, options: FieldOptions | null): void {
  const { node } = slot
  if (options === null || options.delimiter === '') {
    putValue(slot, value)
    return
  }
  if (node.kind !== 'scalar') {
    throw new BuildError('TransformFailed', 'delimiter option can only be used with scalar nodes')
  }
  const parts = node.value.split(options.delimiter)
  const text = isNullNode(value) ? '' : textOf(value)
  if (options.index < 0) parts.unshift(text)
  else if (options.index >= parts.length) parts.push(text)
  else parts[options.index] = text
  replaceText(node, parts.join(options.delimiter))
}

function putValue(slot: Slot, value: YamlNode): void {
  if (slot.node.kind === 'scalar') replaceText(slot.node, textOf(value))
  else {
    slot.replace(cloneNode(value))
  }
}

/** True if the path led into a scalar's YAML and the scalar was rewritten; faults there leave the path to be tried as a plain one. */
function setInEmbedded(
  root: YamlNode,
  path: readonly string[],
  value: YamlNode,
  create: YamlNode['kind'] | undefined,
  regexes: RegexCache,
): boolean {
  const found = findEmbedding(root, path)
  if (found === null) return false
  const { scalar, document, rest } = found
  let rewritten = document
  try {
    const rootSlot: Slot = {
      node: document,
      replace(node) {
        rewritten = node
      },
    }
    const slots = matchPath(document, rest, create, regexes)
    if (slots === null || slots.length === 0) return false
    for (const slot of slots) putValue(slot.node === document ? rootSlot : slot, value)
    scalar.value = printScalarYaml(rewritten, scalar.value)
    return true
  } catch (error) {
    if (error instanceof BuildError && error.code !== 'LimitExceeded' && error.code !== 'NotSupported') return false
    throw error
  }
}

interface Embedding {
  readonly scalar: ScalarNode
  readonly document: YamlNode
  /** The path within the document. */
  readonly rest: readonly string[]
}

/** The first scalar on the way that parses as YAML, if the path goes on after it. */
function findEmbedding(root: YamlNode, path: readonly string[]): Embedding | null {
  let node: YamlNode | undefined = root
  for (let i = 0; i < path.length - 1; i++) {
    const part = path[i]!.trim()
    if (part === '') continue
    try {
      node = lookupStep(node, part)
      if (node === undefined) return null
      if (node.kind === 'scalar') {
        const document = parseScalarYaml(node.value)
        return document === undefined ? null : { scalar: node, document, rest: path.slice(i + 1) }
      }
    } catch (error) {
      // Whatever is wrong here, upstream goes on to take the path as a plain one.
      if (error instanceof BuildError) return null
      throw error
    }
  }
  return null
}
