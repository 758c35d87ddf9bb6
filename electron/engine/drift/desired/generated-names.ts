/**
 * Names with the hash of a content that no key here opens: the hash that the controller computed stands in its inventory, the one computed here
 * is of the encrypted text. What is named by it gets the controller's name where there is only one that fits. Semantics: flux-semantics §10.5.
 */
import type { KubeObject } from '../../clusters/view.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import type { DesiredObject } from '../desired-set.ts'

/** kustomize's suffix: ten characters of an alphabet without vowels and look-alikes. */
const hashed = /^(.*)-([bcdfghkmt24-9]{10})$/

export function hasHashedName({ metadata }: KubeObject): boolean {
  return hashed.test(metadata.name)
}

/**
 * `doubtful`: objects whose content, and so maybe their name, is not what the controller has. `isBuilt`: the inventory is of this very revision;
 * else the controller's next name is another one perhaps, and whatever mentions it is unknown too. Everything else is given back as it is.
 */
export function nameAsInventory(
  objects: readonly DesiredObject[],
  inventory: readonly InventoryEntry[],
  doubtful: (object: DesiredObject) => boolean,
  isBuilt: boolean,
  sentence: string,
): readonly DesiredObject[] {
  const renamed = new Map<string, string>()
  const lost = new Set<string>()
  const suspects = new Set(objects.filter(doubtful))
  if (suspects.size === 0) return objects
  for (const { object } of suspects) {
    const { name, namespace = '' } = object.metadata
    const base = hashed.exec(name)?.[1]
    if (base === undefined) continue
    const group = object.apiVersion.includes('/') ? object.apiVersion.split('/', 1)[0] : ''
    const candidates = inventory.filter(
      (entry) =>
        entry.group === group &&
        entry.kind === object.kind &&
        entry.namespace === namespace &&
        hashed.exec(entry.name)?.[1] === base,
    )
    const [only] = candidates
    if (only !== undefined && candidates.length === 1) renamed.set(name, only.name)
    else lost.add(name)
  }
  return objects.map((one) => {
    const isUnknown = suspects.has(one) || mentions(one.object, lost) || (!isBuilt && mentions(one.object, renamed))
    const object = mentions(one.object, renamed) ? (rename(one.object, renamed) as KubeObject) : one.object
    if (object === one.object && !isUnknown) return one
    return { ...one, object, unknown: one.unknown !== '' ? one.unknown : isUnknown ? sentence : '' }
  })
}

function mentions(value: unknown, names: { has(name: string): boolean; readonly size: number }): boolean {
  if (names.size === 0) return false
  if (typeof value === 'string') return names.has(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((member) => mentions(member, names))
}

function rename(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value
  if (Array.isArray(value)) return value.map((item) => rename(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rename(member, names)]))
}
