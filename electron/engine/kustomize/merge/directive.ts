/** Strategic merge directives: `$patch: merge|replace|delete` in a map, or as an element of its own in a list. */
import { BuildError } from '../build-error.ts'
import { emitV3 } from '../yaml/emit-v3.ts'
import type { MapNode, SequenceNode, YamlNode } from '../yaml/node.ts'
import { getField, removeField } from '../yaml/node.ts'
import { setElement, textOf } from './list-elements.ts'

export type Directive = 'merge' | 'replace' | 'delete'

const directiveKey = '$patch'

/** The directive of a patch's node, which is taken out of it; `merge` where there is none. Throws BuildError PatchFailed for an unknown one. */
export function takeDirective(patch: YamlNode | undefined): Directive {
  if (patch === undefined) return 'merge'
  if (patch.kind === 'map') return takeFromMap(patch)
  if (patch.kind === 'sequence') return takeFromList(patch)
  throw new BuildError(
    'PatchFailed',
    `no implemented strategic merge patch strategy for '${patch.tag}' ('${emitV3(patch)}')`,
  )
}

/** The same where no target is: an unknown directive is then a field like others. */
export function takeKnownDirective(patch: MapNode): Directive {
  const value = getField(patch, directiveKey)
  const text = value === undefined ? '' : textOf(value)
  return text === 'merge' || text === 'replace' || text === 'delete' ? takeFromMap(patch) : 'merge'
}

function takeFromMap(patch: MapNode): Directive {
  const value = getField(patch, directiveKey)
  if (value === undefined) return 'merge'
  const directive = readDirective(textOf(value))
  removeField(patch, directiveKey)
  return directive
}

function takeFromList(patch: SequenceNode): Directive {
  const element = patch.items.find((item) => item.kind === 'map' && getField(item, directiveKey) !== undefined)
  // With other fields beside it, the directive is for the element, not for the list.
  if (element?.kind !== 'map' || element.keys.length > 1) return 'merge'
  const text = textOf(getField(element, directiveKey)!)
  const directive = readDirective(text)
  setElement(patch, undefined, [directiveKey], [text])
  return directive
}

function readDirective(text: string): Directive {
  if (text === 'merge' || text === 'replace' || text === 'delete') return text
  throw new BuildError('PatchFailed', `unknown patch strategy '${text}'`)
}
