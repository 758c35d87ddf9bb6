/** `spec.ignore` as rules; whatever has another shape is left out, as the API server would have refused it. Source: flux-semantics §1.5, §2.9. */
import type { IgnoreRule } from '../../diff/ignore-rules.ts'
import { asArray, asText, at } from '../../status/read.ts'

const fields = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'] as const

export function readIgnoreRules(value: unknown): readonly IgnoreRule[] {
  return asArray(value).map((rule) => {
    const target = at(rule, 'target')
    const texts = fields.map((field) => [field, asText(at(target, field))] as const).filter(([, text]) => text !== '')
    return {
      paths: asArray(at(rule, 'paths')).map(asText),
      target: target === undefined || target === null ? null : Object.fromEntries(texts),
    }
  })
}
