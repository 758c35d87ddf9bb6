/**
 * What a plan writes to one object, as edits of single fields, and the JSON patch that makes them. Decided in the API server: a `test`
 * on uid, on generation and on the old value of every field that is written (or relied on). Not on resourceVersion, which every status
 * write moves. An absent field is tested with null: the API server takes that for "absent" as long as the parent is there.
 */
import type { FieldChange } from '../../../shared/model/actions.ts'
import type { KubeObject } from '../clusters/view.ts'
import { pointerParts, valueAt } from './json-pointer.ts'

export interface FieldEdit {
  /** JSON pointer: below /spec, or one annotation. */
  readonly pointer: string
  /** null = absent. */
  readonly before: string | boolean | null
  /** null = absent. Equal to `before`: only tested, so that the write happens to what the plan showed. */
  readonly after: string | boolean | null
}

export interface PatchOperation {
  readonly op: 'test' | 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/** What stood when the plan was made. */
export interface Expected {
  readonly uid: string
  /** null where the kind has none. */
  readonly generation: number | null
  readonly edits: readonly FieldEdit[]
}

const annotations = '/metadata/annotations'

/** An edit from what the object has now to `after`. Values that are neither text nor boolean count as their JSON text. */
export function editOf(object: KubeObject, pointer: string, after: FieldEdit['after']): FieldEdit {
  const value = valueAt(object, pointer)
  const before =
    value === undefined ? null : typeof value === 'string' || typeof value === 'boolean' ? value : JSON.stringify(value)
  return { pointer, before, after }
}

export function expectedOf(object: KubeObject, edits: readonly FieldEdit[]): Expected {
  const { uid = '', generation } = object.metadata
  return { uid, generation: typeof generation === 'number' ? generation : null, edits }
}

/**
 * The patch. `hasAnnotations`: whether the object has an annotations map at this moment, which decides the form and nothing else: a
 * missing map is tested as missing and made first.
 */
export function buildPatch(expected: Expected, hasAnnotations: boolean): readonly PatchOperation[] {
  const tests: PatchOperation[] = [{ op: 'test', path: '/metadata/uid', value: expected.uid }]
  if (expected.generation !== null) tests.push({ op: 'test', path: '/metadata/generation', value: expected.generation })
  const writes: PatchOperation[] = []
  const touchesAnnotations = expected.edits.some(isAnnotation)
  if (touchesAnnotations && !hasAnnotations) {
    tests.push({ op: 'test', path: annotations, value: null })
    writes.push({ op: 'add', path: annotations, value: {} })
  }
  for (const edit of expected.edits) {
    const { pointer, before, after } = edit
    if (hasAnnotations || !isAnnotation(edit)) tests.push({ op: 'test', path: pointer, value: before })
    if (before === after) continue
    if (after === null) writes.push({ op: 'remove', path: pointer })
    else writes.push({ op: before === null ? 'add' : 'replace', path: pointer, value: after })
  }
  return [...tests, ...writes]
}

export function hasAnnotationMap(object: KubeObject): boolean {
  const map = object.metadata.annotations
  return typeof map === 'object' && map !== null && Object.keys(map).length > 0
}

/** The edits that change something, for people. */
export function changesOf(edits: readonly FieldEdit[], prefix = ''): readonly FieldChange[] {
  return edits
    .filter(({ before, after }) => before !== after)
    .map(({ pointer, before, after }) => ({
      path: `${prefix}${pointer}`,
      before: before === null ? null : String(before),
      after: after === null ? null : String(after),
    }))
}

/** What is no longer as the plan saw it, as the end of a sentence that starts with the object; null when nothing moved. */
export function describeMove(expected: Expected, current: KubeObject): string | null {
  if (current.metadata.uid !== expected.uid) return 'was deleted and created anew'
  const moved = expected.edits.flatMap(({ pointer, before, after }) => {
    const now = editOf(current, pointer, after).before
    return now === before ? [] : [`${fieldName(pointer)} is now ${now === null ? 'absent' : JSON.stringify(now)}`]
  })
  if (moved.length > 0) return moved.join(', ')
  const { generation } = current.metadata
  if (expected.generation !== null && generation !== expected.generation)
    return `has a changed spec (generation ${String(generation)}, the plan saw ${String(expected.generation)})`
  return null
}

/** Whether every edit's outcome stands in the object: the write happened although its answer was lost. */
export function isWritten(expected: Expected, current: KubeObject): boolean {
  return (
    current.metadata.uid === expected.uid &&
    expected.edits.every(({ pointer, after }) => editOf(current, pointer, after).before === after)
  )
}

/** The edits that take `edits` back. */
export function reverseEdits(edits: readonly FieldEdit[]): readonly FieldEdit[] {
  return edits.map(({ pointer, before, after }) => ({ pointer, before: after, after: before }))
}

/** One set of edits that has the effect of `first`, then `second`. */
export function composeEdits(first: readonly FieldEdit[], second: readonly FieldEdit[]): readonly FieldEdit[] {
  const byPointer = new Map(first.map((edit) => [edit.pointer, edit]))
  for (const edit of second) {
    const earlier = byPointer.get(edit.pointer)
    byPointer.set(edit.pointer, earlier === undefined ? edit : { ...edit, before: earlier.before })
  }
  return [...byPointer.values()]
}

function isAnnotation({ pointer }: FieldEdit): boolean {
  return pointer.startsWith(`${annotations}/`)
}

/** `spec.suspend`, or the annotation's key. */
function fieldName(pointer: string): string {
  const parts = pointerParts(pointer)
  return parts[0] === 'metadata' ? `annotation ${parts[2] ?? ''}` : parts.join('.')
}
