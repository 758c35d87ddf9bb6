/** Which rules an object concerns. Filters are compiled once for each text. */
import { compileFilter } from '../../../shared/lib/filter/compile.ts'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import type { NotifyEvent, NotifyRule } from '../../../shared/model/notify.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { ClusterView } from '../clusters/view.ts'

type Test = ReturnType<typeof compileFilter>

export class RuleFilter {
  readonly #rules: () => readonly NotifyRule[]
  #tests = new Map<string, Test>()

  constructor(rules: () => readonly NotifyRule[]) {
    this.#rules = rules
  }

  /** Those that are switched on, in the user's order. */
  of(event: NotifyEvent): readonly NotifyRule[] {
    return this.#rules().filter((rule) => rule.isOn && rule.event === event)
  }

  /** `owner`: of a row that was compared with Git. */
  concerns(rule: NotifyRule, view: ClusterView, row: FluxRow, owner?: DriftOwner): boolean {
    const contexts = view.contexts()
    if (rule.context !== null && !contexts.some(({ key }) => key === rule.context)) return false
    if (rule.filter === '') return true
    const names = contexts.map(({ name }) => name)
    return this.#testOf(rule.filter)(row, names, owner === undefined ? undefined : { owner, objects: [] })
  }

  #testOf(filter: string): Test {
    let test = this.#tests.get(filter)
    if (test === undefined) {
      // The user writes few; those of rules that are gone are forgotten.
      if (this.#tests.size > 200) this.#tests = new Map()
      test = compileFilter(parseFilter(filter))
      this.#tests.set(filter, test)
    }
    return test
  }
}
