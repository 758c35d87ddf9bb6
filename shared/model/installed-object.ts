/** What applying an object would do to it. */
export interface InstalledObject {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly action: 'created' | 'changed' | 'unchanged'
}
