/**
 * Puts objects into a namespace: `metadata.namespace` of all but cluster-scoped kinds, the subjects of role bindings by a mode, and the
 * fields of the given specs (a Namespace's own name among them).
 *
 * Semantics: kustomize's NamespaceTransformer and its namespace filter.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError, wrapping } from '../build-error.ts'
import { FieldSpecSet } from '../field-spec/apply-field-spec.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import { makeFieldSpec } from '../field-spec/field-spec.ts'
import { wrongKindOf, wrongNodeKind } from '../field-spec/node-kind-error.ts'
import { setScalar, setScalarIfEmpty } from '../field-spec/setters.ts'
import { resourceJson } from '../resource/build-annotations.ts'
import { resIdKey } from '../resource/res-id.ts'
import type { ResMap } from '../resource/res-map.ts'
import type { Resource } from '../resource/resource.ts'
import { quoteGo } from '../selector/quote-go.ts'
import type { MapNode, YamlNode } from '../yaml/node.ts'
import { fieldIndex, getField, isNullNode, makeString } from '../yaml/node.ts'

/** Which subjects of role bindings get the namespace: those named `default` (also ''), all service accounts, or none. */
export type RoleBindingSubjects = '' | 'defaultOnly' | 'allServiceAccounts' | 'none'

export interface NamespaceConfig {
  /** '' does nothing. */
  readonly namespace: string
  readonly fieldSpecs: readonly FieldSpec[]
  /** Only where there is none yet. */
  readonly unsetOnly: boolean
  readonly setRoleBindingSubjects: RoleBindingSubjects
}

const helmGenerated = 'internal.config.kubernetes.io/helm-generated'
const bindings = new Set(['RoleBinding', 'ClusterRoleBinding'])
const metadataNamespace = makeFieldSpec('metadata/namespace', {}, true)

/** Checks the value of `setRoleBindingSubjects` in a transformer's file. Throws BuildError InvalidKustomization with upstream's text. */
export function readRoleBindingSubjects(text: string): RoleBindingSubjects {
  if (text === '' || text === 'defaultOnly' || text === 'allServiceAccounts' || text === 'none') return text
  throw new BuildError(
    'InvalidKustomization',
    `invalid value ${quoteGo(text)} for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
  )
}

/** Throws BuildError IdConflict where two objects would have one id, TransformFailed where a field is no scalar. */
export function transformNamespace(resources: ResMap, config: NamespaceConfig, context: BuildContext): void {
  if (config.namespace === '') return
  const filter = new NamespaceFilter(config)
  const counts = new Map<string, number>()
  const count = (key: string, by: number): number => {
    const now = (counts.get(key) ?? 0) + by
    counts.set(key, now)
    return now
  }
  const formerKeys = resources.resources().map((resource) => resIdKey(resource.currentId()))
  for (const key of formerKeys) count(key, 1)
  for (const [index, resource] of resources.resources().entries()) {
    if (index % 500 === 0) context.checkpoint()
    if (resource.isEmpty() || resource.annotation(helmGenerated) === 'true') continue
    count(formerKeys[index]!, -1)
    resource.storePreviousId()
    filter.apply(resource)
    const key = resIdKey(resource.currentId())
    if (count(key, 1) !== 1) {
      resources.reindex()
      throw conflict(resources.resources().filter((other) => resIdKey(other.currentId()) === key))
    }
  }
  resources.reindex()
}

function conflict(matches: readonly Resource[]): BuildError {
  const texts = matches.map(resourceJson).join(' ')
  return new BuildError('IdConflict', `namespace transformation produces ID conflict: [${texts}]`)
}

class NamespaceFilter {
  private readonly config: NamespaceConfig
  private readonly setter: (node: YamlNode) => void
  private readonly metadata: FieldSpecSet
  private readonly coreSpecs: FieldSpecSet
  private readonly otherSpecs: FieldSpecSet

  constructor(config: NamespaceConfig) {
    this.config = config
    const { namespace, unsetOnly } = config
    this.setter = unsetOnly ? setScalarIfEmpty(namespace, '!!str') : setScalar(namespace, '!!str')
    const creation = { kind: 'scalar', tag: '!!str' } as const
    this.metadata = new FieldSpecSet([metadataNamespace], creation)
    // What the code below does itself, specs must not do again; `metadata/name` is for Namespaces of the core group only.
    const specs = config.fieldSpecs.filter(
      ({ kind, path }) => path !== 'metadata/namespace' && !(bindings.has(kind) && path === 'subjects/namespace'),
    )
    this.coreSpecs = new FieldSpecSet(specs, creation)
    this.otherSpecs = new FieldSpecSet(
      specs.filter(({ path }) => path !== 'metadata/name'),
      creation,
    )
  }

  apply(resource: Resource): void {
    const { node } = resource
    if (!resource.isClusterScoped) this.setMetadataNamespace(node)
    if (bindings.has(resource.kind)) this.setSubjects(node)
    const specs = resource.apiVersion === 'v1' ? this.coreSpecs : this.otherSpecs
    try {
      specs.apply(node, this.setter)
    } catch (error) {
      if (!(error instanceof BuildError)) throw error
      const wrongKind = wrongKindOf(error)
      throw error.wrap(
        wrongKind !== null && wrongKind !== 'scalar'
          ? 'namespace field specs must target scalar nodes'
          : 'namespace transformation failed',
      )
    }
  }

  private setMetadataNamespace(node: MapNode): void {
    const metadata = getField(node, 'metadata')
    if (metadata?.kind === 'map' && fieldIndex(metadata, 'namespace') < 0) {
      metadata.keys.push(makeString('namespace'))
      metadata.values.push(makeString(this.config.namespace))
      return
    }
    this.metadata.apply(node, this.setter)
  }

  private setSubjects(node: MapNode): void {
    const mode = readRoleBindingSubjects(this.config.setRoleBindingSubjects)
    if (mode === 'none') return
    const subjects = getField(node, 'subjects')
    if (subjects === undefined || isNullNode(subjects)) return
    const [field, wanted] = mode === 'allServiceAccounts' ? ['kind', 'ServiceAccount'] : ['name', 'default']
    wrapping('setting namespace on (cluster)role binding subjects', () => {
      if (subjects.kind !== 'sequence') throw wrongNodeKind('sequence', subjects)
      for (const subject of subjects.items) {
        if (isNullNode(subject)) continue
        const isWanted = wrapping(`looking up ${field} on (cluster)role binding subject`, () => {
          if (subject.kind !== 'map') throw wrongNodeKind('map', subject)
          const value = getField(subject, field)
          if (value === undefined || isNullNode(value)) return false
          if (value.kind !== 'scalar') throw wrongNodeKind('scalar', value)
          return value.value === wanted
        })
        if (isWanted) this.setSubjectNamespace(subject as MapNode)
      }
    })
  }

  private setSubjectNamespace(subject: MapNode): void {
    const present = getField(subject, 'namespace')
    if (present !== undefined) this.setter(present)
    else {
      subject.keys.push(makeString('namespace'))
      subject.values.push(makeString(this.config.namespace))
    }
  }
}
