/** How long history is kept, how much there is, whether the actions are what was written, and how it is forgotten. */
import { useEffect, useId, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { Settings } from '../../../shared/model/app.ts'
import type { AuditCheck } from '../../../shared/model/audit.ts'
import { defaultHistoryDays, defaultHistoryMegabytes } from '../../../shared/model/history.ts'
import type { HistoryStoreState } from '../../../shared/model/history.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { updateSettings } from '../../stores/actions.ts'
import { contextsStore } from '../../stores/contexts.ts'
import { checkAudit, forgetHistory, useHistoryState } from '../../stores/history.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { compactFieldClass } from '../../ui/text-field/text-field.tsx'
import { formatDay } from '../../ui/timeline/timeline-words.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { Section } from './settings-section.tsx'
import styles from './settings.module.css'

export function HistorySection({ settings }: { readonly settings: Settings }): ReactElement {
  const [forgotten, setForgotten] = useState(0)
  const state = useHistoryState(forgotten)
  return (
    <Section
      title="History"
      note="What happened in the selected contexts is written down on this computer alone, with the values of Secrets taken out."
    >
      <NumberRow
        label="Keep"
        unit="days"
        hint="What is older goes. Actions taken in Sluice are kept a year at least."
        value={settings.historyDays ?? defaultHistoryDays}
        least={1}
        most={3650}
        onChange={(historyDays) => void updateSettings({ historyDays })}
      />
      <NumberRow
        label="At most"
        unit="MB"
        hint="On disk. The oldest go while there is more."
        value={settings.historyMegabytes ?? defaultHistoryMegabytes}
        least={50}
        most={100_000}
        onChange={(historyMegabytes) => void updateSettings({ historyMegabytes })}
      />
      <div className={styles.row}>
        <span className={styles.label}>Kept now</span>
        <span className="num">{state === null ? 'Looking …' : describeKept(state)}</span>
      </div>
      {state !== null && state.problem !== '' && (
        <Banner tone="failed" shape="failed">
          {manyLines(`Nothing is recorded now. ${state.problem}`, 1000)}
        </Banner>
      )}
      {state !== null && state.note !== '' && <Banner tone="drifted">{manyLines(state.note, 2000)}</Banner>}
      <AuditRow />
      <ForgetRow state={state} onForgotten={() => setForgotten((count) => count + 1)} />
    </Section>
  )
}

function describeKept({ entries, bytes, oldestAt, problem }: HistoryStoreState): string {
  if (entries === 0 && problem !== '') return 'Not to be seen now'
  const size = `${Math.max(1, Math.round(bytes / 1_048_576)).toLocaleString()} MB`
  if (entries === 0 || oldestAt === null) return `Nothing yet (${size})`
  return `${formatCountOf(entries, 'entry', 'entries')} since ${formatDay(oldestAt)}, ${size}`
}

function NumberRow({
  label,
  unit,
  hint,
  value,
  least,
  most,
  onChange,
}: {
  readonly label: string
  readonly unit: string
  readonly hint: string
  readonly value: number
  readonly least: number
  readonly most: number
  readonly onChange: (value: number) => void
}): ReactElement {
  const id = useId()
  const [text, setText] = useState(String(value))
  // Set elsewhere: in another window, or by a refused change.
  useEffect(() => setText(String(value)), [value])
  const number = /^\d{1,7}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN
  const isGood = number >= least && number <= most
  const save = (): void => {
    if (isGood && number !== value) onChange(number)
  }
  return (
    <div className={styles.row}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <span className={styles.amount}>
        <input
          id={id}
          className={classNames(compactFieldClass, styles.number)}
          value={text}
          inputMode="numeric"
          maxLength={7}
          aria-invalid={!isGood}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setText(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.key === 'Enter') save()
          }}
        />
        <span>{unit}</span>
      </span>
      <span id={`${id}-hint`} className={isGood ? styles.hint : styles.fault}>
        {isGood ? hint : `A whole number from ${least.toLocaleString()} to ${most.toLocaleString()}.`}
      </span>
    </div>
  )
}

function AuditRow(): ReactElement {
  const [check, setCheck] = useState<AuditCheck | 'busy' | null>(null)
  const look = async (): Promise<void> => {
    setCheck('busy')
    setCheck(await checkAudit())
  }
  return (
    <>
      <div className={styles.row}>
        <span className={styles.label}>Audit log</span>
        <Button
          offReason={check === 'busy' ? 'It is being checked' : ''}
          aria-busy={check === 'busy' || undefined}
          onClick={() => void look()}
        >
          Check
        </Button>
        <span className={styles.hint} aria-live="polite">
          {check === null || check === 'busy' ? (
            <>
              Every action taken in Sluice, each with the digest of the one before.{' '}
              <code className="selectable">sluice audit -o jsonl</code> exports them.
            </>
          ) : (
            check.faults.length === 0 && describeWhole(check)
          )}
        </span>
      </div>
      {check !== null && check !== 'busy' && check.faults.length > 0 && (
        <Banner tone="failed" shape="failed">
          {manyLines(
            ['The audit log is not what was written.', ...check.faults.map(({ message }) => message)].join('\n'),
            4000,
          )}
        </Banner>
      )}
    </>
  )
}

function describeWhole({ rows, digest }: AuditCheck): string {
  if (rows === 0) return 'No action was taken yet.'
  return `${formatCountOf(rows, 'action')}, none changed, removed or moved. Ends with ${digest.slice(0, 12)}.`
}

interface Target {
  /** null: everything. */
  readonly clusters: readonly ClusterId[] | null
  readonly name: string
}

function ForgetRow({
  state,
  onForgotten,
}: {
  readonly state: HistoryStoreState | null
  readonly onForgotten: () => void
}): ReactElement {
  const id = useId()
  const contexts = useStore(contextsStore, (store) => store.items)
  const [chosen, setChosen] = useState('')
  const [target, setTarget] = useState<Target | null>(null)
  const known = [...contexts.values()].filter(({ cluster }) => cluster !== null)
  const context = known.find(({ key }) => key === chosen)
  const offReason = state !== null && state.entries === 0 ? 'Nothing is kept' : ''
  return (
    <div className={styles.row}>
      <label className={styles.label} htmlFor={id}>
        Forget
      </label>
      <select
        id={id}
        className={classNames(compactFieldClass, styles.choice)}
        value={context?.key ?? ''}
        onChange={(event) => setChosen(event.target.value)}
      >
        <option value="">Everything</option>
        {known.map(({ key, name }) => (
          <option key={key} value={key}>
            {oneLine(name, 200)}
          </option>
        ))}
      </select>
      <Button
        offReason={offReason}
        onClick={() =>
          setTarget(
            context?.cluster == null
              ? { clusters: null, name: '' }
              : { clusters: [context.cluster], name: oneLine(context.name, 200) },
          )
        }
      >
        Forget…
      </Button>
      {target !== null && (
        <ForgetDialog
          target={target}
          state={state}
          onClose={(isDone) => {
            setTarget(null)
            if (isDone) onForgotten()
          }}
        />
      )}
    </div>
  )
}

function ForgetDialog({
  target,
  state,
  onClose,
}: {
  readonly target: Target
  readonly state: HistoryStoreState | null
  readonly onClose: (isDone: boolean) => void
}): ReactElement {
  const [isBusy, setBusy] = useState(false)
  const forget = async (): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    const isDone = await forgetHistory(target.clusters)
    setBusy(false)
    if (isDone) onClose(true)
  }
  const isAll = target.clusters === null
  return (
    <Dialog
      title={isAll ? 'Forget everything that happened?' : `Forget what happened in ${target.name}?`}
      onCancel={() => onClose(false)}
      onConfirm={() => void forget()}
      foot={
        <ConfirmFoot
          label={isAll ? 'Forget everything' : 'Forget'}
          isDangerous
          isBusy={isBusy}
          busyReason="It is being forgotten"
          offReason=""
          onCancel={() => onClose(false)}
          onConfirm={() => void forget()}
        />
      }
    >
      <div className={styles.dialogText}>
        <p>
          {isAll
            ? `All ${(state?.entries ?? 0).toLocaleString()} entries of all clusters and the rendered manifests beside them are deleted from this computer.`
            : 'All entries of this cluster, and the rendered manifests that only it has, are deleted from this computer.'}{' '}
          There is no way back. Recording goes on with what comes.
        </p>
        <p>The audit log stays: a row taken out of its chain would break it. No cluster is touched.</p>
      </div>
    </Dialog>
  )
}
