/** "Until": one of a few times, a date that is typed, or no end. */
import { useId } from 'react'
import type { ReactElement } from 'react'
import { Segmented } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { MomentInput } from '../../ui/time/moment-input.tsx'
import { untilOptions } from './until.ts'
import type { UntilChoice } from './until.ts'
import styles from './gate.module.css'

export function UntilField({
  now,
  choice,
  until,
  problem,
  summary,
  onChange,
}: {
  readonly now: number
  readonly choice: UntilChoice
  readonly until: number | null
  readonly problem: string
  readonly summary: string
  readonly onChange: (choice: UntilChoice, at: number | null) => void
}): ReactElement {
  const id = useId()
  const options = untilOptions(now)
  return (
    <div className={styles.field}>
      <span className={styles.label}>
        Until <span className={styles.faint}>{summary}</span>
      </span>
      <div className={styles.wide}>
        <Segmented
          label="Until"
          value={choice}
          options={options.map((option) => ({ value: option.choice, label: option.label }))}
          onChange={(next) => {
            const option = options.find((entry) => entry.choice === next)
            onChange(next, next === 'date' ? (until ?? now + 24 * 3_600_000) : (option?.at ?? null))
          }}
        />
      </div>
      {choice === 'date' && (
        <MomentInput
          label="Until date and time"
          precision="minute"
          value={until}
          isInvalid={problem !== ''}
          describedBy={`${id}-hint`}
          onType={(at) => onChange('date', at)}
        />
      )}
      {problem === '' ? (
        <div id={`${id}-hint`} className={styles.hint}>
          {choice === 'none' ? 'Nobody is reminded.' : 'Sluice reminds you then. It never resumes by itself.'}
        </div>
      ) : (
        <div id={`${id}-hint`} className={styles.hintError}>
          <Icon name="alert" size={12} />
          {problem}
        </div>
      )}
    </div>
  )
}
