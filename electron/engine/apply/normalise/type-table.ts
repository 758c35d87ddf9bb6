/** The Go types of built-in kinds, decoded a struct at a time as they are asked for. Written by scripts/data/normalisation. */
import { fieldNames, helmKinds, kustomizeKinds, structTypes, unversionedKinds } from './type-table-data.ts'

export type GoType =
  | { readonly of: 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes' }
  | { readonly of: 'quantity' | 'time' | 'microTime' | 'intOrString' | 'json' }
  | { readonly of: 'pointer' | 'list' | 'map'; readonly type: GoType }
  | { readonly of: 'struct'; readonly type: StructType }
  | { readonly of: 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStrings'; readonly type: GoType }

export interface GoField {
  readonly name: string
  readonly type: GoType
  readonly omitsEmpty: boolean
  readonly omitsZero: boolean
}

export interface StructType {
  /** In Go's order. */
  fields(): readonly GoField[]
}

/** Which of Go's types a controller knows: helm-controller knows those of custom resource definitions as well. */
export type KnownKinds = 'kustomize' | 'helm'

const letters: Readonly<Record<string, GoType>> = {
  S: { of: 'string' },
  B: { of: 'bool' },
  I: { of: 'int32' },
  L: { of: 'int64' },
  D: { of: 'float64' },
  Y: { of: 'bytes' },
  Q: { of: 'quantity' },
  T: { of: 'time' },
  M: { of: 'microTime' },
  X: { of: 'intOrString' },
  R: { of: 'json' },
}

let lines: readonly string[] | null = null
let names: readonly string[] = []
const structs = new Map<string, StructType>()
const kinds = new Map<KnownKinds, ReadonlyMap<string, string>>()
const unversioned: ReadonlySet<string> = new Set(unversionedKinds.split(' '))

/**
 * The struct of a kind; null for kinds that the controller does not know; `unmakeable` for those that it knows but fails over (lists, options
 * and the like).
 */
export function structOfKind(apiVersion: string, kind: string, known: KnownKinds): StructType | null | 'unmakeable' {
  // An item of a List may say anything.
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '') return null
  const code = kindsOf(known).get(`${canonicalVersion(apiVersion)} ${kind}`)
  if (code !== undefined) return code === '' ? 'unmakeable' : structAt(code)
  return unversioned.has(kind) && isVersion(apiVersion) ? 'unmakeable' : null
}

/** Every kind that an object can be made of. */
export function knownKinds(
  known: KnownKinds,
): readonly { readonly apiVersion: string; readonly kind: string; readonly type: StructType }[] {
  return [...kindsOf(known)].flatMap(([key, code]) => {
    const [apiVersion = '', kind = ''] = key.split(' ')
    return code === '' ? [] : [{ apiVersion, kind, type: structAt(code) }]
  })
}

/** `/v1` is `v1` to Go. */
function canonicalVersion(apiVersion: string): string {
  return apiVersion.lastIndexOf('/') === 0 ? apiVersion.slice(1) : apiVersion
}

function isVersion(apiVersion: string): boolean {
  return apiVersion.split('/').length <= 2
}

function kindsOf(known: KnownKinds): ReadonlyMap<string, string> {
  let found = kinds.get(known)
  if (found === undefined) {
    const text = known === 'helm' ? kustomizeKinds + helmKinds : kustomizeKinds
    const made = new Map<string, string>()
    for (const line of text.split('\n')) {
      const [apiVersion = '', ...entries] = line.split(' ')
      for (const entry of entries) {
        const colon = entry.indexOf(':')
        made.set(`${apiVersion} ${entry.slice(0, colon)}`, entry.slice(colon + 1))
      }
    }
    kinds.set(known, made)
    found = made
  }
  return found
}

function structAt(code: string): StructType {
  let struct = structs.get(code)
  if (struct === undefined) {
    let fields: readonly GoField[] | null = null
    struct = { fields: () => (fields ??= readFields(code)) }
    structs.set(code, struct)
  }
  return struct
}

function readFields(code: string): readonly GoField[] {
  if (lines === null) {
    lines = structTypes.trim().split('\n')
    names = fieldNames.split(' ')
  }
  const line = lines[Number.parseInt(code, 36)]
  if (line === undefined) throw new Error(`no struct ${code}`)
  if (line === '') return []
  return line.split(',').map((text) => {
    const match = /^([0-9a-z]+)(.*?)([?!]*)$/.exec(text)
    if (match === null) throw new Error(`no field: ${text}`)
    const [, name = '', type = '', flags = ''] = match
    return {
      name: names[Number.parseInt(name, 36)] ?? '',
      type: readType(type),
      omitsEmpty: flags.includes('?'),
      omitsZero: flags.includes('!'),
    }
  })
}

function readType(code: string): GoType {
  const rest = code.slice(1)
  switch (code[0]) {
    case '~':
      return { of: 'struct', type: structAt(rest) }
    case '*':
      return { of: 'pointer', type: readType(rest) }
    case '[':
      return { of: 'list', type: readType(rest) }
    case '{':
      return { of: 'map', type: readType(rest) }
    case 'O':
      return { of: 'schemaOrBool', type: readType(`~${rest}`) }
    case 'A':
      return { of: 'schemaOrArray', type: readType(`~${rest}`) }
    case 'N':
      return { of: 'schemaOrStrings', type: readType(`~${rest}`) }
    default: {
      const type = letters[code]
      if (type === undefined) throw new Error(`no type: ${code}`)
      return type
    }
  }
}

/** Every kind that a controller knows and fails over, in one apiVersion of each. */
export function unmakeableKinds(): readonly { readonly apiVersion: string; readonly kind: string }[] {
  const named = [...kindsOf('kustomize')].filter(([, code]) => code === '').map(([key]) => key.split(' '))
  return [
    ...named.map(([apiVersion = '', kind = '']) => ({ apiVersion, kind })),
    ...[...unversioned].map((kind) => ({ apiVersion: 'of.nobody/v0', kind })),
  ]
}
