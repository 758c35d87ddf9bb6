/**
 * What every reading of the filter language has in common: tokens joined by and, values by or, negation, the keys that any object answers, and text
 * that is searched. What `status:`, `is:` and the rest mean is told by each reading: rows, compared objects, hosted mode's queue.
 */
import { fluxKind } from '../../flux/kinds.ts'
import { shortKind } from '../../flux/short-kinds.ts'
import { refTitle } from '../../model/identity.ts'
import type { ObjectRef } from '../../model/identity.ts'
import { anyGlob } from './globs.ts'
import type { Filter, FilterKey, FilterProperty, FilterToken } from './parse.ts'

/** `contexts`: names of the contexts through which the object's cluster is seen. `more`: what is known of it besides, if anything. */
export type Predicate<T, M = never> = (row: T, contexts: readonly string[], more?: M) => boolean

type Glob = (text: string) => boolean
type FieldTest<T, M> = (row: T, matches: Glob, more?: M) => boolean

/** One reading of the language; made once, since it keeps the texts that it has searched. */
export interface Reading<T, M = never> {
  /** `is:`; what is absent matches nothing. */
  readonly properties: Readonly<Partial<Record<FilterProperty, (row: T, more?: M) => boolean>>>
  /** The keys that mean something of their own here; what is absent matches nothing. */
  readonly fields: Readonly<Partial<Record<Exclude<FilterKey, 'is' | 'ns' | 'name' | 'ctx' | 'kind'>, FieldTest<T, M>>>>
  /** What `kind:` is compared with; its own name, its short one and Flux' short ones if not given. */
  readonly kindWords?: (group: string, kind: string) => readonly string[]
  /** What free text is looked for in; asked once for each object, since objects do not change in place. */
  readonly textOf: (row: T) => string
}

/** A compiler of filters for one reading. Tokens with errors are left out: a filter that is being typed does not empty the list. */
export function compilerOf<T extends { readonly ref: ObjectRef }, M = never>(
  reading: Reading<T, M>,
): (filter: Filter) => Predicate<T, M> {
  const searchTexts = new WeakMap<T, string>()

  function compileText(text: string): Predicate<T, M> {
    const needle = text.toLowerCase()
    return (row) => {
      let haystack = searchTexts.get(row)
      if (haystack === undefined) {
        haystack = reading.textOf(row).toLowerCase()
        searchTexts.set(row, haystack)
      }
      return haystack.includes(needle)
    }
  }

  function compileField(key: FilterKey, values: readonly string[]): Predicate<T, M> {
    if (key === 'is') {
      const tests = values.map((value) => reading.properties[value.toLowerCase() as FilterProperty])
      return (row, _contexts, more) => tests.some((test) => test?.(row, more) === true)
    }
    const matches = anyGlob(values)
    switch (key) {
      case 'ns':
        return ({ ref }) => matches(ref.namespace)
      case 'name':
        return ({ ref }) => matches(ref.name)
      case 'ctx':
        return (_row, contexts) => contexts.some(matches)
      case 'kind':
        return kindTest(reading.kindWords ?? shortKindWords, matches)
      default: {
        const test = reading.fields[key]
        return test === undefined ? () => false : (row, _contexts, more) => test(row, matches, more)
      }
    }
  }

  function compileToken({ key, values, isNegated }: FilterToken): Predicate<T, M> {
    const test = key === null ? compileText(values[0] ?? '') : compileField(key, values)
    return isNegated ? (row, contexts, more) => !test(row, contexts, more) : test
  }

  return ({ tokens }) => {
    const tests = tokens.filter(({ error }) => error === null).map(compileToken)
    const [first] = tests
    if (first === undefined) return () => true
    return tests.length === 1 ? first : (row, contexts, more) => tests.every((test) => test(row, contexts, more))
  }
}

/** A fleet has few kinds: each is judged once. */
function kindTest(
  wordsOf: (group: string, kind: string) => readonly string[],
  matches: Glob,
): (row: { readonly ref: ObjectRef }) => boolean {
  const known = new Map<string, boolean>()
  return ({ ref: { group, kind } }) => {
    const id = `${group}/${kind}`
    let result = known.get(id)
    if (result === undefined) {
      result = wordsOf(group, kind).some(matches)
      known.set(id, result)
    }
    return result
  }
}

function shortKindWords(group: string, kind: string): readonly string[] {
  return [kind, shortKind(group, kind), ...(fluxKind(group, kind)?.shortNames ?? [])]
}

/** What `owner:` is compared with. */
export function ownerWords(owner: ObjectRef): readonly string[] {
  return [owner.name, refTitle(owner), `${owner.kind}/${owner.name}`, `${owner.kind}/${refTitle(owner)}`]
}
