/**
 * The ids that an object had, oldest first. Upstream keeps them as three lists of texts with commas between: an empty text is not added,
 * one with commas counts as several, and lists of different lengths are no ids at all.
 *
 * Semantics: kustomize's setPreviousId and PrevIds.
 */
import { BuildPanic } from '../build-error.ts'

export interface PreviousId {
  /** The effective namespace of that time (`default`, or `_non_namespaceable_`), as upstream stores it. */
  readonly namespace: string
  readonly name: string
  readonly kind: string
}

export interface IdLists {
  readonly names: readonly string[]
  readonly namespaces: readonly string[]
  readonly kinds: readonly string[]
}

export class PreviousIds {
  private list: PreviousId[] = []
  /** Set while the lists are not those of `list`. */
  private uneven: IdLists | null = null

  get isEmpty(): boolean {
    return this.uneven === null && this.list.length === 0
  }

  /** Throws BuildPanic where the lists do not agree; without any name there are no ids, whatever else is remembered. */
  ids(): PreviousId[] {
    if (this.uneven === null) return this.list
    if (this.uneven.names.length === 0) return []
    throw new BuildPanic('number of previous names, number of previous namespaces, number of previous kinds not equal')
  }

  add(id: PreviousId): void {
    if (this.uneven === null && isEntry(id.name) && isEntry(id.namespace) && isEntry(id.kind)) this.list.push(id)
    else {
      const { names, namespaces, kinds } = this.lists()
      this.setLists({
        names: [...names, ...entriesOf(id.name)],
        namespaces: [...namespaces, ...entriesOf(id.namespace)],
        kinds: [...kinds, ...entriesOf(id.kind)],
      })
    }
  }

  lists(): IdLists {
    return (
      this.uneven ?? {
        names: this.list.map((id) => id.name),
        namespaces: this.list.map((id) => id.namespace),
        kinds: this.list.map((id) => id.kind),
      }
    )
  }

  setLists(lists: IdLists): void {
    const { names, namespaces, kinds } = lists
    const isEven = names.length === namespaces.length && names.length === kinds.length
    this.uneven = isEven ? null : lists
    this.list = isEven ? names.map((name, i) => ({ namespace: namespaces[i]!, name, kind: kinds[i]! })) : []
  }

  copyFrom(other: PreviousIds): void {
    this.uneven = other.uneven
    this.list = [...other.list]
  }
}

function isEntry(text: string): boolean {
  return text !== '' && !text.includes(',')
}

/** A text as entries of a list with commas. */
export function entriesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',')
}
