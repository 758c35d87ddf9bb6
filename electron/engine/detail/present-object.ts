/** An object as it may be shown: Secret values masked, bookkeeping dropped, keys in reading order. */
import { lastAppliedAnnotation } from '../../../shared/flux/annotations.ts'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { KubeObject } from '../clusters/view.ts'
import { base64ByteCount } from '../inventory/base64.ts'
import { asRecord, asText, at, groupOf } from '../status/read.ts'

/** What stands for a secret value: its size and nothing else. */
export function maskValue(byteCount: number): string {
  return `••• (${formatCountOf(byteCount, 'byte')})`
}

/**
 * SECURITY: item 9: values of a Secret's data and stringData never leave the engine, neither themselves nor in the copy that kubectl
 * keeps in an annotation. managedFields are dropped: they are as long as the object and say nothing to a reader.
 */
export function presentObject(object: KubeObject): Readonly<Record<string, unknown>> {
  const { apiVersion, kind, metadata, spec, status, ...rest } = object
  const { managedFields: _managedFields, annotations, ...shownMetadata } = metadata
  const shown = {
    apiVersion,
    kind,
    metadata: { ...shownMetadata, ...(annotations === undefined ? {} : { annotations: presentAnnotations(object) }) },
    ...(spec === undefined ? {} : { spec }),
    ...rest,
    ...(status === undefined ? {} : { status }),
  }
  return isSecret(object) ? maskSecret(shown) : shown
}

/** Annotations as they may be shown. */
export function presentAnnotations(object: KubeObject): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  for (const [key, value] of Object.entries(asRecord(object.metadata.annotations))) {
    if (typeof value !== 'string') continue
    entries.push([key, key === lastAppliedAnnotation && isSecret(object) ? maskLastApplied(value) : value])
  }
  return Object.fromEntries(entries)
}

export function isSecret(object: unknown): boolean {
  return at(object, 'kind') === 'Secret' && groupOf(at(object, 'apiVersion')) === ''
}

function maskSecret(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    ...object,
    ...('data' in object ? { data: maskMap(object.data, (text) => base64ByteCount(text)) } : {}),
    ...('stringData' in object ? { stringData: maskMap(object.stringData, utf8ByteCount) } : {}),
  }
}

function maskMap(value: unknown, count: (text: string) => number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value === null ? null : maskValue(0)
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, maskValue(typeof entry === 'string' ? count(entry) : 0)]),
  )
}

function maskLastApplied(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text)
    const record = asRecord(parsed)
    // Whatever it is a copy of, it sits on a Secret: its own word for its kind is not trusted.
    if (asText(record.kind) !== '') return JSON.stringify(withoutNested(maskSecret(record)))
  } catch {
    // Not JSON: nothing of it is known to be harmless.
  }
  return maskValue(utf8ByteCount(text))
}

/** The copy may hold a copy. */
function withoutNested(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = asRecord(record.metadata)
  const annotations = asRecord(metadata.annotations)
  if (!Object.hasOwn(annotations, lastAppliedAnnotation)) return record
  const { [lastAppliedAnnotation]: nested, ...others } = annotations
  const masked = { ...others, [lastAppliedAnnotation]: maskValue(utf8ByteCount(asText(nested))) }
  return { ...record, metadata: { ...metadata, annotations: masked } }
}

function utf8ByteCount(text: string): number {
  return new TextEncoder().encode(text).length
}
