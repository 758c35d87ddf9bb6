/**
 * `spec.ignore` of a Kustomization, `spec.driftDetection.ignore` of a HelmRelease as rules; whatever has another shape is left out, as the API
 * server would have refused it. Source: flux-semantics §1.5, §2.9.
 */
import type { KubeObject } from '../../clusters/view.ts'
import type { IgnoreRule } from '../../diff/ignore-rules.ts'
import { asArray, asText, at } from '../../status/read.ts'

const fields = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'] as const

export function ignoreRulesOf(owner: KubeObject): readonly IgnoreRule[] {
  const path = owner.kind === 'HelmRelease' ? ['spec', 'driftDetection', 'ignore'] : ['spec', 'ignore']
  return asArray(at(owner, ...path)).map((rule) => {
    const target = at(rule, 'target')
    const texts = fields.map((field) => [field, asText(at(target, field))] as const).filter(([, text]) => text !== '')
    return {
      paths: asArray(at(rule, 'paths')).map(asText),
      target: target === undefined || target === null ? null : Object.fromEntries(texts),
    }
  })
}
