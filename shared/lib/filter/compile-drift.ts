/** A parsed filter as a predicate over objects that were compared: the same language, read for the Drift view and the command line. */
import { fluxKind } from '../../flux/kinds.ts'
import { shortKind } from '../../flux/short-kinds.ts'
import { isDrift } from '../../model/drift.ts'
import type { DriftObject } from '../../model/drift.ts'
import { refTitle } from '../../model/identity.ts'
import { anyGlob, ownerWords } from './compile.ts'
import type { Filter, FilterKey, FilterProperty, FilterToken } from './parse.ts'

/** `contexts`: names of the contexts through which the object's cluster is seen. */
export type DriftPredicate = (object: DriftObject, contexts: readonly string[]) => boolean

/** Tokens with errors are left out; what an object that was compared cannot be (`is:suspended`, `source:`) matches none. */
export function compileDriftFilter(filter: Filter): DriftPredicate {
  const tests = filter.tokens.filter((token) => token.error === null).map(compileToken)
  return (object, contexts) => tests.every((test) => test(object, contexts))
}

function compileToken(token: FilterToken): DriftPredicate {
  const test = token.key === null ? compileText(token.values[0] ?? '') : compileField(token.key, token.values)
  return token.isNegated ? (object, contexts) => !test(object, contexts) : test
}

const properties: Readonly<Partial<Record<FilterProperty, (object: DriftObject) => boolean>>> = {
  drifted: ({ action }) => isDrift(action),
  missing: ({ action }) => action === 'created',
  pruned: ({ action }) => action === 'pruned',
  refused: ({ action }) => action === 'refused',
  moving: ({ action }) => action === 'moving',
  skipped: ({ action }) => action === 'skipped',
}

function compileField(key: FilterKey, values: readonly string[]): DriftPredicate {
  if (key === 'is') {
    const tests = values.map((value) => properties[value.toLowerCase() as FilterProperty])
    return (object) => tests.some((test) => test?.(object) === true)
  }
  const matches = anyGlob(values)
  switch (key) {
    case 'ns':
      return ({ ref }) => matches(ref.namespace)
    case 'name':
      return ({ ref }) => matches(ref.name)
    case 'status':
      return ({ action }) => matches(action)
    case 'ctx':
      return (_object, contexts) => contexts.some(matches)
    case 'kind': {
      const known = new Map<string, boolean>()
      return ({ ref }) => {
        const id = `${ref.group}/${ref.kind}`
        let result = known.get(id)
        if (result === undefined) {
          const words = [ref.kind, shortKind(ref.group, ref.kind), ...(fluxKind(ref.group, ref.kind)?.shortNames ?? [])]
          result = words.some(matches)
          known.set(id, result)
        }
        return result
      }
    }
    case 'manager':
      return ({ managers }) => managers.some(matches)
    case 'risk':
      return ({ risk }) => matches(risk.level)
    case 'owner':
      return ({ owner }) => ownerWords(owner).some(matches)
    case 'source':
      return () => false
  }
}

const searchTexts = new WeakMap<DriftObject, string>()

function compileText(text: string): DriftPredicate {
  const needle = text.toLowerCase()
  return (object) => {
    let haystack = searchTexts.get(object)
    if (haystack === undefined) {
      const { ref, owner, summary, managers } = object
      haystack = [refTitle(ref), refTitle(owner), summary, ...managers].join('\n').toLowerCase()
      searchTexts.set(object, haystack)
    }
    return haystack.includes(needle)
  }
}
