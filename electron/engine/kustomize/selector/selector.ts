/**
 * Selecting resources: anchored RE2 expressions on group, version, kind, name and namespace, and selectors of labels and annotations.
 * It must not know what is done with what it selects.
 *
 * Semantics: kustomize's types.SelectorRegex, resmap.Select and the target selection of replacements.
 */
import type { Gvk } from '../resource/gvk.ts'
import { resIdText } from '../resource/res-id.ts'
import type { Selector } from '../resource/resource-selector.ts'
import type { Resource } from '../resource/resource.ts'
import type { LabelSelector } from './label-selector.ts'
import { parseLabelSelector } from './label-selector.ts'
import type { Regex } from './regex.ts'
import { RegexCache } from './regex.ts'

export interface CompiledSelector {
  readonly selector: Selector
  matchesGvk(gvk: Gvk): boolean
  matchesName(name: string): boolean
  matchesNamespace(namespace: string): boolean
  /** Throws BuildError with apimachinery's text if the label or annotation selector is invalid: upstream parses them only here. */
  matchesLabels(resource: Resource): boolean
}

/** Compiles a selector's expressions; throws BuildError TransformFailed with Go's text for an invalid one. */
export function compileSelector(selector: Selector, regexes: RegexCache = new RegexCache()): CompiledSelector {
  const compile = (pattern: string | undefined): Regex | null =>
    pattern === undefined || pattern === '' ? null : regexes.anchoredRegex(pattern)
  // Compiled in upstream's order, so that the first faulty one is the one that is reported.
  const group = compile(selector.group)
  const version = compile(selector.version)
  const kind = compile(selector.kind)
  const name = compile(selector.name)
  const namespace = compile(selector.namespace)
  const labelText = selector.labelSelector ?? ''
  const annotationText = selector.annotationSelector ?? ''
  let labels: LabelSelector | null = null
  let annotations: LabelSelector | null = null

  return {
    selector,
    matchesGvk: (gvk) =>
      (group === null || group.matches(gvk.group)) &&
      (version === null || version.matches(gvk.version)) &&
      (kind === null || kind.matches(gvk.kind)),
    matchesName: (text) => name === null || name.matches(text),
    matchesNamespace: (text) => namespace === null || namespace.matches(text),
    matchesLabels(resource) {
      resource.requirePairs()
      if (labelText !== '') {
        labels ??= parseLabelSelector(labelText)
        if (!labels.matches(resource.labels())) return false
      }
      if (annotationText !== '') {
        annotations ??= parseLabelSelector(annotationText)
        if (!annotations.matches(resource.annotations())) return false
      }
      return true
    },
  }
}

/** `types.Selector`'s text, for messages. */
export function selectorText(selector: Selector): string {
  const { group = '', version = '', kind = '', name = '', namespace = '' } = selector
  const id = resIdText({ group, version, kind, name, namespace })
  return `${id}:a=${selector.annotationSelector ?? ''}:l=${selector.labelSelector ?? ''}`
}
