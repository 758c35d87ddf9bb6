/** Scalars that kyaml makes without a tag: when they are printed, their text decides what they are. */
import type { Tag } from './node.ts'
import { ScalarNode } from './node.ts'
import { plainTagV3 } from './resolve-v3.ts'

/** A plain scalar whose text is read for its type: what kyaml's SetField makes of a new key, and SetName of a name. */
export function makeUntagged(text: string): ScalarNode {
  return new ScalarNode(text, untaggedTag(text), 'plain', 0)
}

/**
 * The tag of a plain scalar that upstream leaves without one: '' where printing would read the text as something else than a string (vars
 * still take it for one), and `!!str`, which prints faster, where it makes no difference.
 */
export function untaggedTag(text: string): Tag {
  return plainTagV3(text) === '!!str' ? '!!str' : ''
}
