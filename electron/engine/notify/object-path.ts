/** Places of the window as `sluice://` links name them: what a notification and the tray lead to. */
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'

/** Longer links are not ours (deep-links). */
const maxPath = 2000

/** `context/ID/GROUP/KIND/NAMESPACE/NAME/TAB`. */
export function objectPath(context: ContextId, ref: ObjectRef, tab: string): string {
  const { group, kind, namespace, name } = ref
  const parts = [context, group === '' ? 'core' : group, kind, namespace === '' ? '_' : namespace, name, tab]
  return `context/${parts.map(encodeURIComponent).join('/')}`
}

/** `view/NAME?filter=…`, without the filter where it would be too long for a link. */
export function viewPath(view: string, filter = ''): string {
  const path = `view/${view}?filter=${encodeURIComponent(filter)}`
  return filter === '' || path.length > maxPath ? `view/${view}` : path
}
