/** An object whose fields may name others, and what decides whom it can mean. */
import { BuildError } from '../build-error.ts'
import type { Gvk } from '../resource/gvk.ts'
import type { ResId } from '../resource/res-id.ts'
import { effectiveNamespace, resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { quoteGo } from '../selector/quote-go.ts'
import { getField } from '../yaml/node.ts'

export class Referrer {
  readonly resource: Resource
  readonly id: ResId
  readonly isClusterScoped: boolean
  readonly namespace: string
  /** Namespaces of the service accounts that a RoleBinding names: their objects are within its reach. */
  readonly boundNamespaces: ReadonlySet<string>

  constructor(resource: Resource) {
    this.resource = resource
    this.id = resource.currentId()
    this.isClusterScoped = this.id.isClusterScoped === true
    this.namespace = effectiveNamespace(this.id)
    this.boundNamespaces = this.isClusterScoped ? none : boundNamespaces(resource, this.id)
  }

  /** Group and kind that `roleRef` gives; null where it does not give both. */
  roleRef(): Gvk | null {
    const roleRef = getField(this.resource.node, 'roleRef')
    if (roleRef?.kind !== 'map') return null
    const group = getField(roleRef, 'apiGroup')
    const kind = getField(roleRef, 'kind')
    if (group?.kind !== 'scalar' || kind?.kind !== 'scalar') return null
    return { group: group.value, version: '', kind: kind.value }
  }
}

const none: ReadonlySet<string> = new Set()

function boundNamespaces(resource: Resource, id: ResId): ReadonlySet<string> {
  if (id.kind !== 'RoleBinding') return none
  const subjects = getField(resource.node, 'subjects')
  if (subjects?.kind !== 'sequence') return none
  const result = new Set<string>()
  for (const subject of subjects.items) {
    if (subject.kind !== 'map') continue
    const namespace = getField(subject, 'namespace')
    const kind = getField(subject, 'kind')
    if (namespace === undefined || kind?.kind !== 'scalar' || kind.value !== 'ServiceAccount') continue
    if (namespace.kind !== 'scalar' || namespace.tag !== '!!str') {
      const message = `Invalid Input: namespace is blank for resource ${quoteGo(resIdText(id))}\n`
      throw new BuildError('InvalidResource', message)
    }
    result.add(namespace.value)
  }
  return result
}
