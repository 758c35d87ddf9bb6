/**
 * Rules that leave fields out of a comparison: `spec.ignore` of Kustomizations and `spec.driftDetection.ignore` of HelmReleases, one shape.
 * Source: flux-semantics §2.9 and §3.2.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../clusters/view.ts'
import { BuildError } from '../kustomize/build-error.ts'
import type { Selector } from '../kustomize/resource/resource-selector.ts'
import type { LabelSelector } from '../kustomize/selector/label-selector.ts'
import { parseLabelSelector } from '../kustomize/selector/label-selector.ts'
import type { Regex } from '../kustomize/selector/regex.ts'
import { compileAnchored } from '../kustomize/selector/regex.ts'
import { asTextMap, groupOf, versionOf } from '../status/read.ts'

export interface IgnoreRule {
  /** JSON pointers; '' is the whole object. */
  readonly paths: readonly string[]
  /** null: every object. Regular expressions (RE2), anchored. */
  readonly target: Selector | null
}

/** What of a rule applies to one object. */
export interface IgnoredPaths {
  readonly pointers: readonly string[]
  /** The rule for people, verbatim: target and paths. */
  readonly rule: string
}

export interface CompiledRules {
  /** Rules whose target matches the object, in their order. */
  matching(object: KubeObject): readonly IgnoredPaths[]
}

const noRules: CompiledRules = { matching: () => [] }

/**
 * Compiles targets. As upstream keeps rules in a map by compiled target and no target is one and the same key, of several rules without target
 * only the last one holds; rules with targets all do. Throws SluiceError Invalid for an expression or selector that upstream refuses as well.
 */
export function compileIgnoreRules(rules: readonly IgnoreRule[]): CompiledRules {
  if (rules.length === 0) return noRules
  const lastBare = rules.findLastIndex((rule) => rule.target === null)
  const compiled = rules.flatMap((rule, index) => {
    if (rule.target === null && index !== lastBare) return []
    return [{ matches: compileTarget(rule.target), ignored: { pointers: rule.paths, rule: ruleText(rule) } }]
  })
  return {
    matching: (object) => compiled.filter(({ matches }) => matches(object)).map(({ ignored }) => ignored),
  }
}

/** `kind: Deployment, name: web.*: /spec/replicas, /spec/paused`. */
export function ruleText(rule: IgnoreRule): string {
  const target = Object.entries(rule.target ?? {})
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ')
  const paths = rule.paths.map((path) => (path === '' ? '""' : path)).join(', ')
  return target === '' ? paths : `${target}: ${paths}`
}

/** Whether a pointer is ignored by a rule's pointer: equal or below it. */
export function isIgnoredBy(pointer: string, ignored: string): boolean {
  return (
    ignored === '' ||
    (pointer.startsWith(ignored) && (pointer.length === ignored.length || pointer[ignored.length] === '/'))
  )
}

function compileTarget(target: IgnoreRule['target']): (object: KubeObject) => boolean {
  if (target === null) return () => true
  try {
    const pattern = (text: string | undefined): Regex | null =>
      text === undefined || text === '' ? null : compileAnchored(text)
    const selector = (text: string | undefined): LabelSelector | null =>
      text === undefined || text === '' ? null : parseLabelSelector(text)
    const [group, version, kind] = [pattern(target.group), pattern(target.version), pattern(target.kind)]
    const [name, namespace] = [pattern(target.name), pattern(target.namespace)]
    const [labels, annotations] = [selector(target.labelSelector), selector(target.annotationSelector)]
    const holds = (regex: Regex | null, text: string): boolean => regex === null || regex.matches(text)
    return (object) =>
      holds(kind, object.kind) &&
      holds(name, object.metadata.name) &&
      holds(namespace, object.metadata.namespace ?? '') &&
      holds(group, groupOf(object.apiVersion)) &&
      holds(version, versionOf(object.apiVersion)) &&
      (labels === null || labels.matches(new Map(Object.entries(asTextMap(object.metadata.labels))))) &&
      (annotations === null || annotations.matches(new Map(Object.entries(asTextMap(object.metadata.annotations)))))
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    throw new SluiceError('Invalid', `An ignore rule has a target that cannot be read: ${error.message}`, {
      remedy: 'Correct the rule: the controller refuses it as well.',
    })
  }
}
