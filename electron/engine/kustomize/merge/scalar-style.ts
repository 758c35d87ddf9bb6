/**
 * What a scalar becomes when its text or its place changes. go-yaml keeps a value's tag and the style of the place apart and settles the
 * type only when it prints: a number put where a quoted text stood is printed in quotes, and so is a text. Here it is settled at once.
 */
import type { ScalarStyle, YamlNode } from '../yaml/node.ts'
import { ScalarNode } from '../yaml/node.ts'
import { plainTagV2 } from '../yaml/resolve-v2.ts'
import { plainTagV3 } from '../yaml/resolve-v3.ts'
import { makeUntagged } from '../yaml/untagged.ts'

/** kyaml's FieldSetter: `value` takes the style of the node that it replaces. */
export function takeStyle(value: YamlNode, replaced: YamlNode): void {
  if (value.kind === 'scalar') {
    const style = replaced.kind === 'scalar' ? replaced.style : 'plain'
    if (value.style === style) return
    value.style = style
    if (style !== 'plain' && value.tag !== '!!str' && plainTagV3(value.value) === value.tag) value.tag = '!!str'
  } else value.isFlow = replaced.kind === 'scalar' ? false : replaced.isFlow
}

/** A scalar that code makes and sets in a field that was not there (`SetField(name, NewScalarRNode(text))`). */
export function makeFieldScalar(text: string): ScalarNode {
  return isNonStringV2(text) ? new ScalarNode(text, '!!str', 'double', 0) : makeUntagged(text)
}

/** Puts a text without a type of its own in place of what the scalar says, keeping its style (`Set(NewScalarRNode(text))`). */
export function setScalarText(node: ScalarNode, text: string): void {
  node.value = text
  node.tag = node.style === 'plain' ? plainTagV3(text) : '!!str'
}

/**
 * A text that YAML 1.1 would read as something else is in quotes after a merge, unless it replaced one that was not. What has no type of its
 * own counts as a text; an empty one needs no quotes where it is tagged as a text, and is a null where it is not.
 */
export function quoteAmbiguous(node: YamlNode): void {
  if (node.kind !== 'scalar' || (node.tag !== '!!str' && node.tag !== '') || node.style !== 'plain') return
  if (!isNonStringV2(node.value)) return
  node.style = 'double'
  node.tag = '!!str'
}

/** YAML 1.1 reads the text as something else; nothing at all is a text by this measure, and so are dates. */
function isNonStringV2(text: string): boolean {
  if (text === '') return false
  const tag = plainTagV2(text)
  return tag !== '!!str' && tag !== '!!timestamp'
}

/** A key that code makes: upstream gives it no tag, so a plain `9110` is a number (and no key that can be printed). */
export function makeKey(name: string, style: ScalarStyle = 'plain'): ScalarNode {
  return new ScalarNode(name, style === 'plain' ? plainTagV3(name) : '!!str', style, 0)
}

/** Plain scalars that upstream left without a tag although they have one here: another text put there may be of another type. */
const open = new WeakSet<ScalarNode>()

/** Remembers that the node's tag is only what its present text says. */
export function leaveOpen(node: ScalarNode): void {
  open.add(node)
}

/** Writes a text as replacements do: the node keeps its type, unless it never had one of its own. */
export function replaceText(node: ScalarNode, text: string): void {
  node.value = text
  if (open.has(node)) node.tag = ''
}
