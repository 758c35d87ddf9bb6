/** The addition to a Kustomization or HelmRelease that leaves one field of one object out. */
import type { DriftField } from '../../../shared/model/drift.ts'
import { emitYaml } from '../detail/emit-yaml.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { groupOf } from '../status/read.ts'
import type { IgnoreRule } from './ignore-rules.ts'

/**
 * YAML from `spec:` on, or the item alone where there is a list already; where it goes, and what to know about it ('' if nothing). Targets are
 * regular expressions: dots in names are escaped.
 */
export function ignoreRuleOf(
  set: Pick<DesiredSet, 'owner' | 'controller' | 'ignoreRules'>,
  object: { readonly apiVersion: string; readonly kind: string; readonly namespace: string; readonly name: string },
  field: DriftField,
): { readonly text: string; readonly path: string; readonly note: string; readonly rule: IgnoreRule } {
  const isHelm = set.controller === 'helm-controller'
  const group = groupOf(object.apiVersion)
  const target = {
    ...(group === '' ? {} : { group: literal(group) }),
    kind: literal(object.kind),
    name: literal(object.name),
    ...(object.namespace === '' ? {} : { namespace: literal(object.namespace) }),
  }
  const rule: IgnoreRule = { paths: [field.pointer], target }
  const spec = isHelm ? { driftDetection: { ignore: [rule] } } : { ignore: [rule] }
  return {
    text: [...emitYaml(set.ignoreRules.length > 0 ? [rule] : { spec })].join(''),
    path: isHelm ? 'spec.driftDetection.ignore' : 'spec.ignore',
    note: notesFor(set, field, isHelm).join(' '),
    rule,
  }
}

function notesFor(set: Pick<DesiredSet, 'ignoreRules'>, field: DriftField, isHelm: boolean): string[] {
  const notes: string[] = []
  if (set.ignoreRules.length > 0) notes.push('Add it to the list that is there.')
  if (/\/\d+(\/|$)/.test(field.pointer))
    notes.push('A number in the path is a place in a list: it means another item when the list changes.')
  if (!isHelm && field.verdict === 'reclaimed')
    notes.push(
      'The controller takes this field over from its manager and removes it whatever the rules say: the annotation kustomize.toolkit.fluxcd.io/ssa: Merge on the object keeps it.',
    )
  if (!isHelm && field.verdict === 'drift' && field.gitValue === null)
    notes.push(
      'Git does not have this field: the controller cannot apply the object beside the rule when something else of it changes. Keep the field in Git.',
    )
  if (!isHelm) notes.push('Needs Flux 2.9 or newer.')
  return notes
}

/** A text as a regular expression that matches it alone. */
function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
