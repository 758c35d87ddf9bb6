/**
 * Whether a prune is implausible enough to be held until a person has looked at it (security.md 12). Pure. The controllers have no such guard; an
 * empty or misplaced folder costs them everything.
 */
import { formatInventoryId, intersectEntries } from '../inventory/entry.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import type { Codec } from '../ports.ts'

export interface PruneVerdict {
  readonly isHeld: boolean
  /** Why, a sentence; '' where it is not held. */
  readonly reason: string
  /** `sha256:…` over what would go: an approval counts for exactly that. */
  readonly digest: string
  /** What would go, without those that only took another generated name. */
  readonly pruned: readonly { readonly entry: InventoryEntry; readonly isData: boolean }[]
}

const fewest = 10
/** The suffix that kustomize's generators hash out of the contents. */
const hashed = /^(.+)-[2456789bcdfghkmt]{10}$/

/** With its objects, or the objects with it. */
const dataKinds: ReadonlySet<string> = new Set([
  '/Namespace',
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  'apiextensions.k8s.io/CustomResourceDefinition',
])

/** `approved`: digests that the user has allowed; `isOff`: the guard is switched off. */
export function judgePruneGuard(
  before: readonly InventoryEntry[],
  after: readonly InventoryEntry[],
  stale: readonly InventoryEntry[],
  options: { readonly codec: Pick<Codec, 'sha256Hex'>; readonly approved: readonly string[]; readonly isOff: boolean },
): PruneVerdict {
  const ids = stale.map(formatInventoryId).sort()
  const digest = `sha256:${options.codec.sha256Hex(ids.join('\n'))}`
  const real = stale.filter((entry) => !isRenamed(entry, after))
  const pruned = real.map((entry) => ({ entry, isData: isData(entry) }))
  const reason = reasonOf(before, after, real)
  const isAllowed = options.isOff || options.approved.includes(digest)
  return { isHeld: reason !== '' && !isAllowed, reason: isAllowed ? '' : reason, digest, pruned }
}

function reasonOf(
  before: readonly InventoryEntry[],
  after: readonly InventoryEntry[],
  real: readonly InventoryEntry[],
): string {
  if (real.length === 0) return ''
  const count = `${String(real.length)} of ${String(before.length)} objects`
  if (after.length === 0 && before.length >= 2) return `Git holds nothing any more: ${count} would be deleted`
  if (real.length > Math.max(fewest, before.length / 2)) return `${count} would be deleted`
  const data = real.filter(isData)
  if (data.length === 0) return ''
  const names = data
    .slice(0, 3)
    .map(({ kind, namespace, name }) => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)
  const more = data.length > names.length ? ` and ${String(data.length - names.length)} more` : ''
  return `${names.join(', ')}${more} would be deleted, with all that is in ${data.length === 1 ? 'it' : 'them'}`
}

function isData({ group, kind }: InventoryEntry): boolean {
  return dataKinds.has(`${group}/${kind}`)
}

/** A ConfigMap or Secret that a generator names by its contents: its successor is there. */
function isRenamed(entry: InventoryEntry, after: readonly InventoryEntry[]): boolean {
  if (entry.group !== '' || (entry.kind !== 'ConfigMap' && entry.kind !== 'Secret')) return false
  const base = hashed.exec(entry.name)?.[1]
  if (base === undefined || intersectEntries([entry], after).length > 0) return false
  return after.some(
    ({ group, kind, namespace, name }) =>
      group === '' && kind === entry.kind && namespace === entry.namespace && hashed.exec(name)?.[1] === base,
  )
}
