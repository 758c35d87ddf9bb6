/** What selects objects of a build. A file of its own, since both the map of objects and the compiler of selectors need it. */

/** Fields left out select anything; texts are anchored regular expressions (RE2), label and annotation selectors as kubectl reads them. */
export interface Selector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}
