/** What changed between two manifests of one object, as fields and as texts. Pure. Values that are sealed stay so. */
import type { ChangedField, ComparedTexts } from '../../../shared/model/history-compare.ts'
import type { KubeObject } from '../clusters/view.ts'
import { collectChanges } from '../diff/collect-changes.ts'
import type { Change } from '../diff/collect-changes.ts'
import { holdsSealed, valueText } from '../diff/field-value.ts'
import { textsOf } from '../diff/texts.ts'

const maxFields = 200

/** Marks objects whose sealed values are to be shown by their size. */
const somewhere: readonly (readonly string[])[] = [['sealed']]

/** [] where one of them is absent: the object as a whole came or went. */
export function changedFields(
  before: KubeObject | null,
  after: KubeObject | null,
  told: Pick<ChangedField, 'at' | 'by'>,
): readonly ChangedField[] {
  if (before === null || after === null) return []
  return collectChanges(before, after, [], maxFields).changes.map((change) => ({
    ...told,
    key: `git|${change.path}`,
    origin: 'git',
    path: change.path,
    before: valueText(change.live),
    after: valueText(change.git),
    isSecret: holdsSealed(change.live) || holdsSealed(change.git),
  }))
}

export function comparedTexts(
  before: KubeObject | null,
  after: KubeObject | null,
): Pick<ComparedTexts, 'before' | 'after' | 'marks'> {
  const changes = before === null || after === null ? [] : collectChanges(after, before, [], maxFields).changes
  const texts = textsOf({
    action: before === null ? 'pruned' : 'configured',
    fields: changes.map(fieldOf),
    desired: before === null ? null : { object: before, origin: null, sensitive: somewhere, unknown: '' },
    live: after,
    wouldBe: before,
  })
  return { before: texts.git, after: texts.live, marks: texts.marks }
}

/** One manifest as text, sealed values as their sizes. */
export function manifestText(object: KubeObject): string {
  return comparedTexts(object, null).before
}

function fieldOf({ path, pointer, live, git }: Change): Parameters<typeof textsOf>[0]['fields'][number] {
  return {
    key: `git|${path}`,
    path,
    pointer,
    change: live === undefined ? 'removed' : git === undefined ? 'added' : 'changed',
    gitValue: valueText(git),
    liveValue: valueText(live),
    isSecret: false,
    blame: null,
    verdict: 'drift',
    rule: '',
  }
}
