/** Scalars that kyaml makes without a tag: when they are printed, their text decides what they are. */
import { ScalarNode } from './node.ts'
import { plainTagV3 } from './resolve-v3.ts'

/** A plain scalar whose text is read for its type: what kyaml's SetField makes of a new key, and SetName of a name. */
export function makeUntagged(text: string): ScalarNode {
  return new ScalarNode(text, plainTagV3(text), 'plain', 0)
}
