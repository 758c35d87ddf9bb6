/** Go types described by data, as far as decoding YAML into them must know: what fields there are and what each one holds. */

export type Shape =
  | { readonly kind: 'string' | 'bool' | 'int' | 'any'; readonly type: string }
  | { readonly kind: 'list'; readonly of: Shape; readonly type: string }
  | { readonly kind: 'map'; readonly of: Shape; readonly type: string }
  | { readonly kind: 'pointer'; readonly of: Shape; readonly type: string }
  | StructShape

export interface StructShape {
  readonly kind: 'struct'
  /** Go's name of the type, `types.Patch`. */
  readonly type: string
  readonly fields: readonly StructField[]
}

export interface StructField {
  readonly name: string
  readonly shape: Shape
  /** False for the few fields without `omitempty`. */
  readonly isOmittedWhenEmpty: boolean
  /**
   * The embedded structs that the field comes from, outermost first: encoding/json names them in its messages, and sigs.k8s.io/yaml takes
   * the first one for the field's type when it makes scalars text.
   */
  readonly embedded: readonly StructShape[]
}

export const stringShape: Shape = { kind: 'string', type: 'string' }
export const boolShape: Shape = { kind: 'bool', type: 'bool' }
export const intShape: Shape = { kind: 'int', type: 'int' }
export const int64Shape: Shape = { kind: 'int', type: 'int64' }
export const anyShape: Shape = { kind: 'any', type: 'interface {}' }

export function listOf(of: Shape): Shape {
  return { kind: 'list', of, type: `[]${of.type}` }
}

export function mapOf(of: Shape): Shape {
  return { kind: 'map', of, type: `map[string]${of.type}` }
}

export function pointerTo(of: Shape): Shape {
  return { kind: 'pointer', of, type: `*${of.type}` }
}

/** `fields`: name → shape; a trailing `!` on the name says that the field is written even when empty. */
export function structOf(
  type: string,
  fields: Readonly<Record<string, Shape>>,
  embedded: readonly StructShape[] = [],
): StructShape {
  const own = Object.entries(fields).map(([key, shape]) => ({
    name: key.replace(/!$/, ''),
    shape,
    isOmittedWhenEmpty: !key.endsWith('!'),
    embedded: [],
  }))
  const inherited = embedded.flatMap((struct) =>
    struct.fields.map((field) => ({ ...field, embedded: [struct, ...field.embedded] })),
  )
  return { kind: 'struct', type, fields: [...own, ...inherited] }
}

/** Exact name first, then any case, as encoding/json looks for it. */
export function findField(struct: StructShape, key: string): StructField | undefined {
  const exact = struct.fields.find(({ name }) => name === key)
  if (exact !== undefined) return exact
  const lower = key.toLowerCase()
  return struct.fields.find(({ name }) => name.toLowerCase() === lower)
}
