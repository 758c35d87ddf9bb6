/** A parsed filter as a predicate over hosted mode's queue: the same language, read for the Hosted view. */
import { fluxKind } from '../../flux/kinds.ts'
import { shortKind } from '../../flux/short-kinds.ts'
import type { HostedRow } from '../../model/hosting.ts'
import { refTitle } from '../../model/identity.ts'
import { anyGlob, ownerWords } from './compile.ts'
import type { Filter, FilterKey, FilterProperty, FilterToken } from './parse.ts'

/** `contexts`: names of the contexts through which the object's cluster is seen. */
export type HostedPredicate = (row: HostedRow, contexts: readonly string[]) => boolean

/** Tokens with errors are left out; what the queue does not know (`manager:`, `risk:`) matches none. */
export function compileHostedFilter(filter: Filter): HostedPredicate {
  const tests = filter.tokens.filter((token) => token.error === null).map(compileToken)
  return (row, contexts) => tests.every((test) => test(row, contexts))
}

/** The words of `status:`: the state, and `failed` for what failed last. */
export function hostedWords(row: HostedRow): readonly string[] {
  return row.lastResult === 'failed' ? [row.state, 'failed'] : [row.state]
}

function compileToken(token: FilterToken): HostedPredicate {
  const test = token.key === null ? compileText(token.values[0] ?? '') : compileField(token.key, token.values)
  return token.isNegated ? (row, contexts) => !test(row, contexts) : test
}

const properties: Readonly<Partial<Record<FilterProperty, (row: HostedRow) => boolean>>> = {
  failed: ({ lastResult }) => lastResult === 'failed',
  waiting: ({ state }) => state === 'waiting',
  progressing: ({ state }) => state === 'running' || state === 'queued',
  held: ({ state }) => state === 'held' || state === 'needs-approval',
  suspended: ({ state }) => state === 'suspended' || state === 'manual' || state === 'held',
  ready: ({ lastResult }) => lastResult === 'succeeded',
  blocked: ({ waitsFor }) => waitsFor.length > 0,
}

function compileField(key: FilterKey, values: readonly string[]): HostedPredicate {
  if (key === 'is') {
    const tests = values.map((value) => properties[value.toLowerCase() as FilterProperty])
    return (row) => tests.some((test) => test?.(row) === true)
  }
  const matches = anyGlob(values)
  switch (key) {
    case 'ns':
      return ({ ref }) => matches(ref.namespace)
    case 'name':
      return ({ ref }) => matches(ref.name)
    case 'status':
      return (row) => hostedWords(row).some(matches)
    case 'ctx':
      return (_row, contexts) => contexts.some(matches)
    case 'kind':
      return ({ ref }) =>
        [ref.kind, shortKind(ref.group, ref.kind), ...(fluxKind(ref.group, ref.kind)?.shortNames ?? [])].some(matches)
    case 'source':
    case 'owner':
      return ({ waitsFor }) => waitsFor.some((ref) => ownerWords(ref).some(matches))
    case 'manager':
    case 'risk':
      return () => false
  }
}

const searchTexts = new WeakMap<HostedRow, string>()

function compileText(text: string): HostedPredicate {
  const needle = text.toLowerCase()
  return (row) => {
    let haystack = searchTexts.get(row)
    if (haystack === undefined) {
      haystack = [refTitle(row.ref), row.state, row.message, ...row.waitsFor.map(refTitle)].join('\n').toLowerCase()
      searchTexts.set(row, haystack)
    }
    return haystack.includes(needle)
  }
}
