/**
 * Mends references by name: where a field of one object holds the former name of another, it gets the present one. Which fields name which
 * kinds is configuration; which of several namesakes is meant is decided here.
 *
 * Semantics: kustomize's nameReferenceTransformer and nameref filter. Candidates are found by former name in an index, and all fields of an
 * object in one walk along a tree of paths, so that the work grows with the fields found.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import type { NameBackReference } from '../config/transformer-config.ts'
import { applyFieldSpec } from '../field-spec/apply-field-spec.ts'
import { gvkIsSelected, gvkOf } from '../resource/gvk.ts'
import type { Gvk } from '../resource/gvk.ts'
import type { ResMap } from '../resource/res-map.ts'
import { resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { MapNode, ScalarNode, YamlNode } from '../yaml/node.ts'
import { getField, isNullNode, removeField, setField } from '../yaml/node.ts'
import { makeFieldScalar } from '../merge/scalar-style.ts'
import { writeScalar } from '../field-spec/setters.ts'
import { Candidates } from './candidates.ts'
import { Referrer } from './referrer.ts'
import type { PathNode, ReferenceField } from './path-tree.ts'
import { buildPathTree } from './path-tree.ts'
import { selectReferral } from './select-referral.ts'

/** Throws BuildError ReferenceAmbiguous where several objects could be meant, TransformFailed where a field is not what its path says. */
export function fixNameReferences(
  resources: ResMap,
  references: readonly NameBackReference[],
  context: BuildContext,
): void {
  const candidates = new Candidates(resources.resources())
  const plans = new Map<string, Map<string, FieldPlan>>()
  for (const [index, resource] of resources.resources().entries()) {
    if (index % 500 === 0) context.checkpoint()
    const { apiVersion } = resource
    const kind = resource.previousIds[0]?.kind ?? resource.kind
    let plansOfKind = plans.get(kind)
    if (plansOfKind === undefined) {
      plansOfKind = new Map<string, FieldPlan>()
      plans.set(kind, plansOfKind)
    }
    let plan = plansOfKind.get(apiVersion)
    if (plan === undefined) plansOfKind.set(apiVersion, (plan = planFields(gvkOf(apiVersion, kind), references)))
    if (plan.fields.length > 0) fixObject(resource, plan, candidates)
  }
  resources.reindex()
}

interface FieldPlan {
  readonly fields: readonly ReferenceField[]
  /** Null where one path goes through the end of another: then the order of the fields counts. */
  readonly tree: PathNode | null
}

function planFields(id: Gvk, references: readonly NameBackReference[]): FieldPlan {
  const fields: ReferenceField[] = []
  for (const { referrers, ...target } of references) {
    for (const spec of referrers) if (gvkIsSelected(id, spec)) fields.push({ spec, target })
  }
  return { fields, tree: buildPathTree(fields) }
}

function fixObject(resource: Resource, plan: FieldPlan, candidates: Candidates): void {
  const fixer = new ReferenceFixer(resource, candidates)
  if (plan.tree !== null) {
    if (fixer.walk(resource.node, plan.tree)) return
    fixer.undo()
  }
  // Field by field in upstream's order: what it says of a faulty object depends on it.
  for (const field of plan.fields) {
    const { path, create } = field.spec
    const anyKind = { group: '', version: '', kind: '', path, create }
    try {
      applyFieldSpec(resource.node, anyKind, (node) => fixer.fix(node, field))
    } catch (error) {
      throw error instanceof BuildError
        ? error.wrap(`updating name reference in '${path}' field of '${resIdText(fixer.referrer.id)}'`)
        : error
    }
  }
}

class ReferenceFixer {
  private readonly resource: Resource
  private readonly candidates: Candidates
  private knownReferrer: Referrer | null = null
  /** Takes back what was written, last thing first. */
  private written: (() => void)[] = []

  constructor(resource: Resource, candidates: Candidates) {
    this.resource = resource
    this.candidates = candidates
    // The subjects of a role binding are looked at before any of them is changed, and even if nothing is.
    if (resource.kind === 'RoleBinding') this.knownReferrer = new Referrer(resource)
  }

  /** Most objects name nothing that was renamed: what decides about references is found out when first asked for. */
  get referrer(): Referrer {
    return (this.knownReferrer ??= new Referrer(this.resource))
  }

  undo(): void {
    for (const restore of this.written.reverse()) restore()
    this.written = []
  }

  /** False where anything is wrong on the way: the fields are then to be gone through one by one. */
  walk(node: YamlNode, tree: PathNode): boolean {
    if (tree.fields !== null) {
      try {
        for (const field of tree.fields) this.fix(node, field)
        return true
      } catch (error) {
        if (error instanceof BuildError) return false
        throw error
      }
    }
    if (node.kind === 'scalar') return node.tag === '!!null'
    if (node.kind === 'sequence') {
      for (const item of node.items) if (!this.walk(item, tree)) return false
      return true
    }
    const { keys, values } = node
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const next = key.kind === 'scalar' ? tree.children.get(key.value) : undefined
      if (next !== undefined && !this.walk(values[i]!, next)) return false
    }
    return true
  }

  fix(node: YamlNode, field: ReferenceField): void {
    if (isNullNode(node)) return
    if (node.kind === 'sequence') {
      for (const item of node.items) {
        if (isNullNode(item)) continue
        if (item.kind === 'sequence')
          throw new BuildError('TransformFailed', 'a list item is expected to be either a string or a map of string')
        this.fix(item, field)
      }
    } else if (node.kind === 'scalar') this.fixScalar(node, field)
    else this.fixMap(node, field)
  }

  private fixScalar(node: YamlNode & { kind: 'scalar' }, field: ReferenceField): void {
    if (!this.candidates.has(node.value)) return
    const named = this.candidates.named(node.value, this.referrer)
    if (named.length === 0) return
    const referral = selectReferral(named, this.referrer, field, false)
    if (referral === null) return
    referral.addRefBy(this.referrer.id)
    const { name } = referral
    if (name !== node.value && name !== '') this.write(node, name)
  }

  private fixMap(node: YamlNode & { kind: 'map' }, field: ReferenceField): void {
    const nameNode = getField(node, 'name')
    if (nameNode === undefined) throw new BuildError('TransformFailed', "path config error; no 'name' field in node")
    const oldName = nameNode.kind === 'scalar' ? nameNode.value : ''
    if (!this.candidates.has(oldName)) return
    const namespaceNode = getField(node, 'namespace')
    let named = this.candidates.named(oldName, this.referrer)
    if (namespaceNode !== undefined && named.length > 0) {
      const namespace = namespaceNode.kind === 'scalar' ? namespaceNode.value : ''
      named = this.candidates.inNamespace(named, namespace, this.referrer)
    }
    if (named.length === 0) return
    const referral = selectReferral(named, this.referrer, field, true)
    if (referral === null) return
    referral.addRefBy(this.referrer.id)
    const { name, namespace } = referral
    if (name === oldName && namespace === '') return
    this.setText(node, 'name', name)
    // An empty namespace is no `default`: it says nothing and so changes nothing.
    if (namespace !== '') this.setText(node, 'namespace', namespace)
  }

  private setText(map: MapNode, key: string, text: string): void {
    const present = getField(map, key)
    if (present?.kind === 'scalar') {
      this.write(present, text)
      return
    }
    this.written.push(() => (present === undefined ? removeField(map, key) : setField(map, key, present)))
    setField(map, key, makeFieldScalar(text))
  }

  private write(node: ScalarNode, text: string): void {
    const { value, tag, style } = node
    this.written.push(() => Object.assign(node, { value, tag, style }))
    writeScalar(node, text, '')
  }
}
