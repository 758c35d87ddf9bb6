/** Which lines of a controller's log speak of one object. Flux' controllers log JSON, Flagger and others the same or with a JSON tail. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import {
  flaggerGroup,
  helmGroup,
  imageGroup,
  kustomizeGroup,
  notificationGroup,
  operatorGroup,
  sourceExtensionsGroup,
  sourceGroup,
} from '../../../shared/flux/groups.ts'
import { asRecord, asText, at, textAt } from '../status/read.ts'

/** Deployment that reconciles a kind, by Flux' own names; shards add a suffix. null where none is known. */
export function controllerOf(ref: Pick<ObjectRef, 'group' | 'kind'>): string | null {
  switch (ref.group) {
    case sourceGroup:
      return ref.kind === 'ExternalArtifact' ? 'source-watcher' : 'source-controller'
    case sourceExtensionsGroup:
      return 'source-watcher'
    case kustomizeGroup:
      return 'kustomize-controller'
    case helmGroup:
      return 'helm-controller'
    case notificationGroup:
      return 'notification-controller'
    case imageGroup:
      return ref.kind === 'ImageUpdateAutomation' ? 'image-automation-controller' : 'image-reflector-controller'
    case operatorGroup:
      return 'flux-operator'
    case flaggerGroup:
      return 'flagger'
    default:
      return null
  }
}

/** A test of raw lines; lines without JSON belong to nobody. */
export function lineFilter(ref: ObjectRef): (raw: string) => boolean {
  // Most lines speak of other objects: they are told apart before anything is parsed.
  const quick = JSON.stringify(ref.name).slice(1, -1)
  return (raw) => {
    if (!raw.includes(quick)) return false
    const start = raw.indexOf('{')
    if (start < 0) return false
    let entry: unknown
    try {
      entry = JSON.parse(raw.slice(start))
    } catch {
      return false
    }
    return isAbout(entry, ref)
  }
}

function isAbout(entry: unknown, ref: ObjectRef): boolean {
  const kind = textAt(entry, 'controllerKind')
  const named = at(entry, ref.kind)
  if (named !== undefined) return isNamed(named, ref)
  // Events that the notification-controller dispatches.
  const involved = at(entry, 'eventInvolvedObject') ?? at(entry, 'involvedObject')
  if (involved !== undefined) return textAt(involved, 'kind') === ref.kind && isNamed(involved, ref)
  if (ref.group === flaggerGroup && textAt(entry, 'canary') === `${ref.name}.${ref.namespace}`) return true
  if (kind !== '' && kind !== ref.kind) return false
  const controller = textAt(entry, 'controller')
  if (kind === '' && controller !== '' && controller !== ref.kind.toLowerCase()) return false
  return isNamed(entry, ref)
}

function isNamed(value: unknown, ref: ObjectRef): boolean {
  const record = asRecord(value)
  return asText(record.name) === ref.name && asText(record.namespace) === ref.namespace
}
