/**
 * When a comparison still holds for a live object: uid, generation (resourceVersion where a kind has none), labels, annotations,
 * deletionTimestamp and the managedFields entries of the main resource. What only a status writer did changes nothing.
 */
import type { KubeObject } from '../clusters/view.ts'
import type { Codec } from '../ports.ts'
import { asArray, asRecord, asText } from '../status/read.ts'

/** The state of one live object, as far as a comparison depends on it. Made of metadata alone: whole objects and metadata-only ones agree. */
export interface Validity {
  readonly uid: string
  readonly resourceVersion: string
  readonly hasGeneration: boolean
  /** Digest of everything but resourceVersion and what status writers own. */
  readonly content: string
  /** Digest of what status writers wrote when; tells their writes from others' where a kind has no generation. */
  readonly statusWrites: string
}

/** An object that is not there. */
export const absentValidity: Validity = {
  uid: '',
  resourceVersion: '',
  hasGeneration: false,
  content: '',
  statusWrites: '',
}

export function validityOf(object: KubeObject, codec: Codec): Validity {
  const { metadata } = object
  const own: unknown[] = []
  const status: unknown[] = []
  for (const entry of asArray(metadata.managedFields)) {
    const { manager, operation, apiVersion, time, subresource, fieldsV1 } = asRecord(entry)
    if (asText(subresource) === '') own.push([manager, operation, apiVersion, time, fieldsV1])
    else if (subresource === 'status') status.push([manager, operation, time, fieldsV1])
    // Another subresource (scale) writes to the spec: the generation tells.
  }
  const uid = metadata.uid ?? ''
  const generation = typeof metadata.generation === 'number' ? metadata.generation : null
  const content = [
    uid,
    generation,
    metadata.deletionTimestamp ?? null,
    sorted(metadata.labels),
    sorted(metadata.annotations),
    own,
  ]
  return {
    uid,
    resourceVersion: metadata.resourceVersion ?? '',
    hasGeneration: generation !== null,
    content: shortDigest(codec, content),
    statusWrites: generation !== null || status.length === 0 ? '' : shortDigest(codec, status),
  }
}

/**
 * What is known of one object from its watch: the newest state, and the oldest resourceVersion whose content is the same, since for kinds
 * without generation only the order of writes tells a status update from any other.
 */
export interface LiveEntry {
  readonly validity: Validity
  readonly since: string
}

/** The entry after a watch event (`isRelisted`: events may have been missed). */
export function nextEntry(previous: LiveEntry | null, validity: Validity, isRelisted: boolean): LiveEntry {
  const isSameContent = previous !== null && previous.validity.content === validity.content
  if (!isSameContent) return { validity, since: validity.resourceVersion }
  if (validity.hasGeneration) return { validity, since: previous.since }
  const isStatusWrite =
    !isRelisted && validity.statusWrites !== '' && validity.statusWrites !== previous.validity.statusWrites
  const isSame = validity.resourceVersion === previous.validity.resourceVersion
  return { validity, since: isStatusWrite || isSame ? previous.since : validity.resourceVersion }
}

/** Whether what was read as `seen` is what the watch knows now. A watch that is behind does not contradict. */
export function isStillValid(seen: Validity, entry: LiveEntry | null): boolean {
  if (entry === null) return seen.uid === ''
  const known = entry.validity
  if (seen.uid === '') return false
  if (isNewer(seen.resourceVersion, known.resourceVersion)) return true
  if (seen.content !== known.content) return false
  if (known.hasGeneration) return true
  return seen.resourceVersion === known.resourceVersion || !isNewer(entry.since, seen.resourceVersion)
}

/** Resource versions are decimal numbers that rise over the whole cluster (KEP-5504); of anything else none is newer. */
export function isNewer(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false
  return version.length === than.length ? version > than : version.length > than.length
}

function sorted(map: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(asRecord(map) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function shortDigest(codec: Codec, value: unknown): string {
  return codec.sha256Hex(JSON.stringify(value)).slice(0, 24)
}
