/** A parsed filter as a predicate over rows: everything that can be decided once is decided here. */
import { fluxKind } from '../../flux/kinds.ts'
import type { DriftObject, DriftOwner } from '../../model/drift.ts'
import { refTitle } from '../../model/identity.ts'
import type { ObjectRef } from '../../model/identity.ts'
import type { FluxRow } from '../../model/rows.ts'
import type { Filter, FilterKey, FilterProperty, FilterToken } from './parse.ts'

/** What has been compared of a row's objects, where it owns any; the row itself does not carry it. */
export interface RowDrift {
  readonly owner: DriftOwner
  /** Its drifting objects, as far as they are known here; asked for only by `manager:` and `risk:`. */
  readonly objects: readonly DriftObject[]
}

/** `contexts`: names of the contexts through which the row's cluster is seen. `drift`: absent where the row was not compared. */
export type RowPredicate = (row: FluxRow, contexts: readonly string[], drift?: RowDrift) => boolean

/** Tokens with errors are left out: a filter that is being typed does not empty the list. */
export function compileFilter(filter: Filter): RowPredicate {
  const tests = filter.tokens.filter((token) => token.error === null).map(compileToken)
  const [first] = tests
  if (first === undefined) return () => true
  if (tests.length === 1) return first
  return (row, contexts, drift) => tests.every((test) => test(row, contexts, drift))
}

function compileToken(token: FilterToken): RowPredicate {
  const test = token.key === null ? compileText(token.values[0] ?? '') : compileField(token.key, token.values)
  return token.isNegated ? (row, contexts, drift) => !test(row, contexts, drift) : test
}

function compileField(key: FilterKey, values: readonly string[]): RowPredicate {
  if (key === 'is') {
    const tests = values.map((value) => properties[value.toLowerCase() as FilterProperty])
    return (row, _contexts, drift) => tests.some((test) => test(row, drift))
  }
  const matches = anyGlob(values)
  switch (key) {
    case 'ns':
      return (row) => matches(row.ref.namespace)
    case 'name':
      return (row) => matches(row.ref.name)
    case 'status':
      return (row) => matches(row.status.word)
    case 'ctx':
      return (_row, contexts) => contexts.some(matches)
    case 'kind': {
      // A fleet has few kinds: each is judged once.
      const known = new Map<string, boolean>()
      return ({ ref }) => {
        const id = `${ref.group}/${ref.kind}`
        let result = known.get(id)
        if (result === undefined) {
          result = kindWords(ref.group, ref.kind).some(matches)
          known.set(id, result)
        }
        return result
      }
    }
    case 'source':
      return ({ source }) =>
        source !== null &&
        (matches(source.name) ||
          matches(`${source.namespace}/${source.name}`) ||
          matches(`${source.kind}/${source.name}`))
    case 'owner':
      return ({ parent }) => parent !== null && ownerWords(parent).some(matches)
    case 'manager':
      return (_row, _contexts, drift) => drift?.objects.some((object) => object.managers.some(matches)) === true
    case 'risk':
      return (_row, _contexts, drift) => drift?.objects.some((object) => matches(object.risk.level)) === true
  }
}

/** What `owner:` is compared with. */
export function ownerWords(owner: ObjectRef): readonly string[] {
  return [owner.name, refTitle(owner), `${owner.kind}/${owner.name}`, `${owner.kind}/${refTitle(owner)}`]
}

function kindWords(group: string, kind: string): readonly string[] {
  const known = fluxKind(group, kind)
  return known === null ? [kind] : [kind, known.plural, ...known.shortNames]
}

const properties: Readonly<Record<FilterProperty, (row: FluxRow, drift?: RowDrift) => boolean>> = {
  ready: (row) => row.status.word === 'Ready',
  failed: (row) => row.status.word === 'Failed' || row.status.word === 'Stalled',
  stalled: (row) => row.status.word === 'Stalled',
  unreachable: (row) => row.status.word === 'Unreachable',
  waiting: (row) => row.status.word === 'Waiting',
  progressing: (row) => row.status.word === 'Progressing',
  held: (row) => row.status.word === 'Held',
  suspended: (row) => row.isSuspended === true,
  drifted: (row, drift) => row.status.word === 'Drifted' || (drift !== undefined && drift.owner.driftedCount > 0),
  unknown: (row) => row.status.word === 'Unknown',
  stale: (row) => row.status.word === 'Stale',
  overdue: (row) => row.status.isOverdue,
  blocked: (row) => row.blockedBy.length > 0,
  terminating: (row) => row.isTerminating,
  missing: (_row, drift) => drift !== undefined && drift.owner.missingCount > 0,
  pruned: (_row, drift) => drift !== undefined && drift.owner.prunableCount > 0,
  refused: (_row, drift) => drift !== undefined && drift.owner.refusedCount > 0,
  moving: () => false,
  skipped: (_row, drift) => drift !== undefined && drift.owner.skippedCount > 0,
  approximate: (_row, drift) => drift?.owner.isApproximate === true,
}

/** Rows do not change in place, so their lower-case text is made once. */
const searchTexts = new WeakMap<FluxRow, string>()

function compileText(text: string): RowPredicate {
  const needle = text.toLowerCase()
  return (row) => {
    let haystack = searchTexts.get(row)
    if (haystack === undefined) {
      haystack = `${row.ref.namespace}/${row.ref.name}\n${row.status.message}`.toLowerCase()
      searchTexts.set(row, haystack)
    }
    return haystack.includes(needle)
  }
}

/** One test for several globs: any of them. */
export function anyGlob(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map(globTest)
  const [first] = tests
  return tests.length === 1 && first !== undefined ? first : (text) => tests.some((test) => test(text))
}

/** Whole text, any case. Parts between stars are looked for left to right: linear, unlike a regular expression with many stars. */
export function globTest(pattern: string): (text: string) => boolean {
  const lower = pattern.toLowerCase()
  const parts = lower.split('*')
  if (parts.length === 1) return (text) => text.length === lower.length && text.toLowerCase() === lower
  const head = parts[0] ?? ''
  const tail = parts[parts.length - 1] ?? ''
  const middle = parts.slice(1, -1).filter((part) => part !== '')
  return (text) => {
    const value = text.toLowerCase()
    if (value.length < head.length + tail.length || !value.startsWith(head) || !value.endsWith(tail)) return false
    let position = head.length
    const end = value.length - tail.length
    for (const part of middle) {
      const found = value.indexOf(part, position)
      if (found < 0 || found + part.length > end) return false
      position = found + part.length
    }
    return true
  }
}
