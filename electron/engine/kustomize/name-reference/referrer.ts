/** An object whose fields may name others, and what decides whom it can mean. */
import { BuildError, BuildPanic } from '../build-error.ts'
import type { Gvk } from '../resource/gvk.ts'
import type { ResId } from '../resource/res-id.ts'
import { effectiveNamespace, resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { quoteGo } from '../selector/quote-go.ts'
import type { ScalarNode, SequenceNode, YamlNode } from '../yaml/node.ts'
import { getField } from '../yaml/node.ts'
import { plainTagV3 } from '../yaml/resolve-v3.ts'
import { scalarToValueV3 } from '../yaml/to-value.ts'

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
  try {
    return namespacesOf(subjects, id)
  } catch (error) {
    // What cannot be decoded names nobody.
    if (error instanceof BuildError && error.code === 'InvalidYaml') return none
    throw error
  }
}

function namespacesOf(subjects: SequenceNode, id: ResId): ReadonlySet<string> {
  const result = new Set<string>()
  for (const subject of subjects.items) {
    if (subject.kind !== 'map' || goType(subject) !== 'map[string]interface {}')
      throw misconversion(subject, 'map[string]interface {}')
    const namespace = getField(subject, 'namespace')
    const kind = getField(subject, 'kind')
    if (namespace === undefined || kind === undefined) continue
    if (kind.kind !== 'scalar' || goType(kind) !== 'string') throw misconversion(kind, 'string')
    if (scalarToValueV3(kind) !== 'ServiceAccount') continue
    if (namespace.kind !== 'scalar' || goType(namespace) !== 'string') {
      const message = `Invalid Input: namespace is blank for resource ${quoteGo(resIdText(id))}\n`
      throw new BuildError('InvalidResource', message)
    }
    result.add(scalarToValueV3(namespace) as string)
  }
  return result
}

function misconversion(node: YamlNode, wanted: string): BuildPanic {
  return new BuildPanic(`interface conversion: interface {} is ${goType(node)}, not ${wanted}`)
}

/** The type that go-yaml decodes a value to which nobody asked a type of. */
function goType(node: YamlNode): string {
  if (node.kind === 'sequence') return '[]interface {}'
  if (node.kind === 'map') {
    const hasTexts = node.keys.every((key) => key.kind === 'scalar' && ['!!str', '!!merge'].includes(tagOf(key)))
    return `map[${hasTexts ? 'string' : 'interface {}'}]interface {}`
  }
  if (tagOf(node) === '!!timestamp') return 'time.Time'
  const value = scalarToValueV3(node)
  if (value === null) return 'nil'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (tagOf(node) === '!!float') return 'float64'
  return typeof value === 'bigint' && value > 0x7fff_ffff_ffff_ffffn ? 'uint64' : 'int'
}

function tagOf(node: ScalarNode): string {
  return node.tag === '' ? plainTagV3(node.value) : node.tag
}
