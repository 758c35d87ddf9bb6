import { fluxKind } from '../../shared/flux/kinds.ts'
import type { ViewName } from '../app/routes.ts'

/** The list in which objects of a kind stand; null for kinds that no list shows, such as Pods. */
export function viewOfKind(group: string, kind: string): ViewName | null {
  return fluxKind(group, kind)?.category ?? null
}
