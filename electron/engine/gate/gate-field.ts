/** Where an object's gate is: spec.suspend, or the annotation of its kind. Source: flux-semantics §1.4, §1.9, §7. */
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { annotationPointer, pointerTo } from './json-pointer.ts'

export interface GateField {
  readonly pointer: string
  readonly closedValue: string | boolean
}

/** null: objects of this kind cannot be suspended. */
export function gateField(kind: FluxKind | null): GateField | null {
  switch (kind?.gate.type) {
    case 'spec':
      return { pointer: pointerTo('spec', 'suspend'), closedValue: true }
    case 'annotation':
      return { pointer: annotationPointer(kind.gate.key), closedValue: kind.gate.value }
    default:
      return null
  }
}
