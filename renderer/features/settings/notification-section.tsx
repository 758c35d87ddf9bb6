/** What the desktop is told of, and when it is not. Rules are the engine's: each change goes there at once and comes back over notify.watch. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { Settings } from '../../../shared/model/app.ts'
import { formatClock, formatMoment } from '../../../shared/lib/format/time.ts'
import { defaultNotifyRules, maxNotifyRules, notifyDefaults } from '../../../shared/model/notify.ts'
import type { NotifyRule, NotifyState } from '../../../shared/model/notify.ts'
import { updateSettings } from '../../stores/actions.ts'
import { contextsStore } from '../../stores/contexts.ts'
import { saveNotify, snoozeNotifications, testNotification } from '../../stores/notify-actions.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Menu } from '../../ui/menu/menu.tsx'
import { Switch } from '../../ui/switch/switch.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { compactFieldClass } from '../../ui/text-field/text-field.tsx'
import { Banner, SkeletonRows } from '../../ui/view-state/view-state.tsx'
import { NotificationRuleDialog } from './notification-rule-dialog.tsx'
import { afterWords, eventNames, formatMinute, formatSpan, hasFilter, parseMinute } from './notification-words.ts'
import { Section } from './settings-section.tsx'
import settingsStyles from './settings.module.css'
import styles from './notifications.module.css'

export function NotificationSection({ settings }: { readonly settings: Settings }): ReactElement {
  const { items, isReady, error } = useStream('notify.watch', {})
  const state = items.get('notify')
  return (
    <Section
      title="Notifications"
      note="What the desktop is told of while Sluice runs. A click there opens the object, or the list where several are."
    >
      <div className={settingsStyles.row}>
        <span className={settingsStyles.label}>Notifications</span>
        <Switch
          label="Notifications"
          isOn={settings.notifications}
          onChange={(notifications) => void updateSettings({ notifications })}
        />
        {settings.notifications ? null : (
          <span className={settingsStyles.hint}>Nothing is shown, and what happens meanwhile is not told later.</span>
        )}
      </div>
      {error === null ? null : (
        <Banner tone="failed" shape="failed">
          {manyLines([error.message, error.remedy].filter((text) => text !== '').join('\n'), 1000)}
        </Banner>
      )}
      {state !== undefined ? (
        <Rules state={state} />
      ) : isReady || error !== null ? null : (
        <SkeletonRows count={3} label="Loading the rules of notifications" />
      )}
    </Section>
  )
}

function Rules({ state }: { readonly state: NotifyState }): ReactElement {
  const { rules, quiet } = state
  const [edited, setEdited] = useState<{ readonly rule: NotifyRule; readonly isNew: boolean } | null>(null)
  const save = (changed: readonly NotifyRule[]): void => void saveNotify(changed, quiet)
  const replace = (rule: NotifyRule): void => save(rules.map((each) => (each.id === rule.id ? rule : each)))
  return (
    <>
      <Pauses state={state} />
      {rules.length === 0 ? (
        <p className={styles.empty}>No rule: nothing is told.</p>
      ) : (
        <table className={styles.rules} aria-label="Rules of notifications">
          <thead>
            <tr>
              <th scope="col">On</th>
              <th scope="col">When</th>
              <th scope="col">In</th>
              <th scope="col">Objects</th>
              <th scope="col" aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <RuleLine
                key={rule.id}
                rule={rule}
                onChange={replace}
                onEdit={() => setEdited({ rule, isNew: false })}
                onRemove={() => save(rules.filter(({ id }) => id !== rule.id))}
              />
            ))}
          </tbody>
        </table>
      )}
      <div className={styles.foot}>
        <Button
          icon="plus"
          offReason={rules.length < maxNotifyRules ? '' : `There are ${maxNotifyRules} rules: remove one first`}
          onClick={() => setEdited({ rule: newRule(rules), isNew: true })}
        >
          Add a rule…
        </Button>
        <Button
          icon="reset"
          offReason={isAsAtFirst(rules) ? 'They are as they were at first' : ''}
          onClick={() => save(defaultNotifyRules)}
        >
          Rules as at first
        </Button>
      </div>
      {edited === null ? null : (
        <NotificationRuleDialog
          rule={edited.rule}
          isNew={edited.isNew}
          onClose={() => setEdited(null)}
          onSave={(rule) => {
            setEdited(null)
            if (edited.isNew) save([...rules, rule])
            else replace(rule)
          }}
        />
      )}
    </>
  )
}

const snoozes: readonly (readonly [label: string, ms: number])[] = [
  ['30 minutes', 30 * 60_000],
  ['1 hour', 60 * 60_000],
  ['4 hours', 4 * 60 * 60_000],
  ['24 hours', 24 * 60 * 60_000],
]

/** Quiet hours and snooze: both hold what comes until they end. */
function Pauses({ state }: { readonly state: NotifyState }): ReactElement {
  const { rules, quiet, snoozedUntil, pausedUntil, heldCount } = state
  const save = (change: Partial<NotifyState['quiet']>): void => void saveNotify(rules, { ...quiet, ...change })
  const waiting = heldCount === 0 ? '' : `, ${formatCountOf(heldCount, 'waits', 'wait')}`
  return (
    <>
      <div className={settingsStyles.row}>
        <span className={settingsStyles.label}>Quiet hours</span>
        <Switch label="Quiet hours" isOn={quiet.isOn} onChange={(isOn) => save({ isOn })} />
        <TimeInput label="Quiet from" minute={quiet.from} onChange={(from) => save({ from })} />
        <span className={styles.any}>to</span>
        <TimeInput label="Quiet until" minute={quiet.until} onChange={(until) => save({ until })} />
        <span className={settingsStyles.hint}>
          {pausedUntil !== null && snoozedUntil === null
            ? `Quiet until ${shortClock(pausedUntil)}${waiting}.`
            : 'Every day. What comes meanwhile is told when they end, in one notification.'}
        </span>
      </div>
      <div className={settingsStyles.row}>
        <span className={settingsStyles.label}>Snooze</span>
        {snoozedUntil === null ? (
          <>
            <Menu
              label="Snooze for"
              align="start"
              trigger={
                <Button icon="pause" iconEnd="chevron-down">
                  Snooze
                </Button>
              }
              entries={snoozes.map(([label, ms]) => ({
                label,
                onSelect: () => void snoozeNotifications(Date.now() + ms),
              }))}
            />
            <span className={settingsStyles.hint}>Holds everything for a while. The tray’s menu does the same.</span>
          </>
        ) : (
          <>
            <Button icon="play" onClick={() => void snoozeNotifications(null)}>
              End snooze
            </Button>
            <span className={settingsStyles.hint} role="status">
              Snoozed until {shortClock(snoozedUntil)}
              {waiting}.
            </span>
          </>
        )}
      </div>
    </>
  )
}

/** 24 hours, as all times here. Saved when it is left or Enter is pressed: while it is typed it is half a time; what is none goes back. */
function TimeInput({
  label,
  minute,
  onChange,
}: {
  readonly label: string
  readonly minute: number
  readonly onChange: (minute: number) => void
}): ReactElement {
  const [draft, setDraft] = useState<string | null>(null)
  const save = (): void => {
    const parsed = draft === null ? null : parseMinute(draft)
    setDraft(null)
    if (parsed !== null && parsed !== minute) onChange(parsed)
  }
  return (
    <input
      inputMode="numeric"
      aria-label={label}
      aria-invalid={draft !== null && parseMinute(draft) === null}
      maxLength={5}
      placeholder="22:00"
      className={classNames(compactFieldClass, styles.time)}
      value={draft ?? formatMinute(minute)}
      onChange={({ target }) => setDraft(target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save()
      }}
    />
  )
}

function RuleLine({
  rule,
  onChange,
  onEdit,
  onRemove,
}: {
  readonly rule: NotifyRule
  readonly onChange: (rule: NotifyRule) => void
  readonly onEdit: () => void
  readonly onRemove: () => void
}): ReactElement {
  const context = useStore(contextsStore, (state) =>
    rule.context === null ? null : (state.items.get(rule.context)?.name ?? rule.context),
  )
  const name = eventNames[rule.event]
  const after = afterWords(rule)
  const place = [name, after, context ?? '', rule.filter].filter((part) => part !== '').join(' ')
  return (
    <tr aria-label={oneLine(place, 300)} data-off={rule.isOn ? undefined : ''}>
      <td>
        <Switch label={`Rule: ${place}`} isOn={rule.isOn} onChange={(isOn) => onChange({ ...rule, isOn })} />
      </td>
      <th scope="row">
        {name} <span className={styles.after}>{after}</span>
        <span className={settingsStyles.hint}>
          {rule.everyMs === 0 ? 'each on its own' : `at most one in ${formatSpan(rule.everyMs)}`}
        </span>
      </th>
      <td>{context === null ? <span className={styles.any}>all selected</span> : oneLine(context, 120)}</td>
      <td>
        {!hasFilter(rule.event) ? (
          ''
        ) : rule.filter === '' ? (
          <span className={styles.any}>all</span>
        ) : (
          <span className={styles.filter}>{oneLine(rule.filter, 500)}</span>
        )}
      </td>
      <td>
        <div className={styles.actions}>
          <IconButton
            icon="bell"
            size="small"
            label={`Show a test: ${place}`}
            onClick={() => void testNotification(rule.event)}
          />
          <IconButton icon="settings" size="small" label={`Change: ${place}`} onClick={onEdit} />
          <IconButton icon="trash" size="small" label={`Remove: ${place}`} onClick={onRemove} />
        </div>
      </td>
    </tr>
  )
}

/** `14:05`, with its day where that is not today: `Mon 14:05`. */
function shortClock(at: number): string {
  const day = new Date(at).toDateString() === new Date().toDateString() ? '' : `${formatMoment(at).slice(0, 3)} `
  return `${day}${formatClock(at).slice(0, 5)}`
}

function newRule(rules: readonly NotifyRule[]): NotifyRule {
  let number = rules.length + 1
  while (rules.some(({ id }) => id === `rule-${number}`)) number += 1
  return { id: `rule-${number}`, event: 'failing', isOn: true, context: null, filter: '', ...notifyDefaults.failing }
}

function isAsAtFirst(rules: readonly NotifyRule[]): boolean {
  return JSON.stringify(rules) === JSON.stringify(defaultNotifyRules)
}
