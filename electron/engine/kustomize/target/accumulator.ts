/**
 * What a kustomization gathers while it is worked through: objects, the rules by which fields are found, and vars.
 * Semantics: kustomize api internal/accumulator and types.VarSet.
 */
import { BuildError } from '../build-error.ts'
import { defaultTransformerConfig } from '../config/default-config.ts'
import type { TransformerConfig } from '../config/transformer-config.ts'
import { emptyTransformerConfig, mergeTransformerConfigs } from '../config/transformer-config.ts'
import type { Var } from '../kustomization/types.ts'
import type { Gvk } from '../resource/gvk.ts'
import { gvkEquals, gvkOf } from '../resource/gvk.ts'
import { effectiveNamespace } from '../resource/res-id.ts'
import type { ResMap } from '../resource/res-map.ts'
import { createResMap } from '../resource/res-map.ts'
import type { SchemaSet } from '../schema/schema.ts'
import { varText } from '../vars/resolve-vars.ts'

export class Accumulator {
  readonly resources: ResMap
  config: TransformerConfig | null = null
  private readonly varsByName = new Map<string, Var>()

  constructor(schemas: SchemaSet) {
    this.resources = createResMap(schemas)
  }

  /**
   * The default configuration is in every configuration that is here already, and merging it once more changes nothing. Any other is merged
   * even into an empty one: a spec for any kind gives way to one for some kind that comes before it, as upstream has it.
   */
  mergeConfig(config: TransformerConfig): void {
    const isDefault = config === defaultTransformerConfig()
    if (isDefault) this.config ??= config
    else if (config !== this.config && config !== emptyTransformerConfig)
      this.config = mergeTransformerConfigs(this.config ?? emptyTransformerConfig, config)
  }

  /** Throws BuildError IdConflict, or InvalidKustomization on a second var of one name. */
  mergeAccumulator(other: Accumulator): void {
    this.resources.appendAll(other.resources)
    if (other.config !== null) this.mergeConfig(other.config)
    for (const v of other.vars()) this.addVar(v)
  }

  /** Takes a kustomization's vars and notes on each object which of them read from it. Throws BuildError InvalidKustomization. */
  mergeVars(vars: readonly Var[]): void {
    for (const v of vars) {
      const target = varGvk(v)
      const { name, namespace } = v.objref
      const matches = this.resources.byAnyId(
        (id) => id.name === name && gvkEquals(id, target) && (namespace === '' || effectiveNamespace(id) === namespace),
      )
      if (matches.length > 1)
        throw new BuildError(
          'InvalidKustomization',
          `found ${matches.length} resId matches for var ${varText(v, target)} (unable to disambiguate)`,
        )
      matches[0]?.refVarNames.push(v.name)
    }
    for (const v of vars) this.addVar(v)
  }

  /** Sorted by name, defaults filled in. */
  vars(): Var[] {
    return [...this.varsByName.keys()].sort().map((name) => this.varsByName.get(name)!)
  }

  private addVar(v: Var): void {
    if (this.varsByName.has(v.name)) throw new BuildError('InvalidKustomization', `var '${v.name}' already encountered`)
    this.varsByName.set(v.name, {
      name: v.name,
      objref: { ...v.objref, ...varGvk(v) },
      fieldref: { fieldPath: v.fieldref.fieldPath || 'metadata.name' },
    })
  }
}

/** Group, version and kind of the object that a var reads; `apiVersion` overrides. */
function varGvk({ objref }: Var): Gvk {
  const { apiVersion, group, version, kind } = objref
  const parts = apiVersion.split('/')
  if (apiVersion === '' || parts.length > 2) return { group, version, kind }
  return parts.length === 2 ? gvkOf(apiVersion, kind) : { group, version: apiVersion, kind }
}
