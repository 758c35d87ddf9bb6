/** Where a HelmRelease keeps its release. Source: flux-semantics §3.2 (names). */
import type { Codec } from '../ports.ts'
import { asArray, at, textAt } from '../status/read.ts'

const maxNameLength = 53

/** Name of the Helm release: of the newest snapshot, else spec.releaseName, else `[targetNamespace-]name`, shortened with a hash. */
export function releaseName(object: unknown, codec: Codec): string {
  const snapshot = textAt(asArray(at(object, 'status', 'history'))[0], 'name')
  return snapshot === '' ? shortReleaseName(object, codec) : snapshot
}

/** The name that the spec asks for, whatever the release that there is is called. */
export function shortReleaseName(object: unknown, codec: Pick<Codec, 'sha256Hex'>): string {
  const named = textAt(object, 'spec', 'releaseName')
  if (named !== '') return named
  const target = textAt(object, 'spec', 'targetNamespace')
  const name = textAt(object, 'metadata', 'name')
  const full = target === '' ? name : `${target}-${name}`
  if (full.length <= maxNameLength) return full
  return `${full.slice(0, 40)}-${codec.sha256Hex(full).slice(0, 12)}`
}

/** Namespace of the storage Secrets: the one in use, the one asked for, else the object's own. */
export function storageNamespace(object: unknown): string {
  return (
    textAt(object, 'status', 'storageNamespace') ||
    textAt(object, 'spec', 'storageNamespace') ||
    textAt(object, 'metadata', 'namespace')
  )
}
