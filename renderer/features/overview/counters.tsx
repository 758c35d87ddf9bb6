import type { ReactElement } from 'react'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { ViewName } from '../../app/routes.ts'
import { useDriftTotals } from '../../stores/drift.ts'
import { openView } from '../../stores/navigation.ts'
import { rowCountsStore } from '../../stores/row-counts.ts'
import type { Counts } from '../../stores/row-counts.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { counterWords } from './overview-model.ts'
import type { AttentionItem } from './overview-model.ts'
import styles from './overview.module.css'

/** Counts by status over all kinds; each opens the list where most of them are, filtered. */
export function Counters({
  counts,
  seen,
  attention,
}: {
  readonly counts: Counts
  /** The same with what silent clusters said when they were last seen. */
  readonly seen: Counts
  readonly attention: readonly AttentionItem[]
}): ReactElement {
  const { drifted } = useDriftTotals()
  // What drifts is compared apart from what is reported: it is told by objects, and opens the view that lists them.
  const countOf = (word: StatusWord): number => (word === 'Drifted' ? drifted : (counts.words[word] ?? 0))
  const words: readonly StatusWord[] = [
    ...counterWords,
    ...(['Held', 'Drifted', 'Stale', 'Unreachable'] as const).filter((word) => countOf(word) > 0),
  ]
  return (
    <section className={classNames('panel', styles.counters)} aria-label="Counts by status">
      {words.map((word) => {
        const value = countOf(word)
        return (
          <a
            key={word}
            href={`#${word}`}
            className={classNames(styles.counter, value > 0 && styles[`counter-${word.toLowerCase()}`])}
            aria-label={`${value} ${word}`}
            onClick={(event) => {
              event.preventDefault()
              if (word === 'Drifted') openView('drift')
              else openView(busiestView(word), `status:${word.toLowerCase()}`)
            }}
          >
            <span className={styles.counterTop}>
              <span className={styles.counterLabel}>
                <StatusMark word={word} />
                {word}
              </span>
              <span className={styles.counterValue}>{value.toLocaleString()}</span>
            </span>
            <span className={styles.counterNote}>{noteOf(word, counts, seen, attention)}</span>
          </a>
        )
      })}
    </section>
  )
}

/** The list with most rows of this status: where a press leads. */
function busiestView(word: StatusWord): ViewName {
  let best: ViewName = 'kustomizations'
  let most = 0
  for (const [category, counts] of rowCountsStore.getState().byCategory) {
    const value = counts.words[word] ?? 0
    if (value > most) {
      most = value
      best = category
    }
  }
  return best
}

function noteOf(word: StatusWord, counts: Counts, seen: Counts, attention: readonly AttentionItem[]): string {
  switch (word) {
    case 'Failed':
      return counts.overdue > 0 ? `${counts.overdue} overdue` : 'Ready=False'
    case 'Stalled':
      return 'will not retry'
    case 'Waiting': {
      const causes = attention.filter((item) => item.kind === 'object' && item.blocks.length > 0).length
      return causes === 0 ? 'for a dependency' : `behind ${causes} failed`
    }
    case 'Progressing':
      return 'Reconciling=True'
    case 'Suspended': {
      const expired = attention.filter((item) => item.kind === 'expired').length
      return expired > 0 ? `${expired} past ${expired === 1 ? 'its' : 'their'} date` : 'gates closed'
    }
    case 'Unknown': {
      const silent = attention.find((item) => item.kind === 'context')
      const known = seen.words.Unknown ?? 0
      // Of a context that was never seen nothing is counted: then these are others.
      if (silent === undefined || (known > 0 && known === counts.words.Unknown)) return 'no condition yet'
      return `${silent.context.name} is silent`
    }
    case 'Ready':
      return `of ${counts.total.toLocaleString()}`
    case 'Held':
      return 'plans to approve'
    case 'Drifted':
      return 'objects differ from Git'
    case 'Stale':
      return 'from a snapshot'
    case 'Unreachable':
      return 'API server silent'
  }
}
