/** One rule, new or changed: what it is about, where, which objects, how long, how often. Nothing is saved before the button. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import { notifyDefaults, notifyEvents } from '../../../shared/model/notify.ts'
import type { NotifyEvent, NotifyRule } from '../../../shared/model/notify.ts'
import { contextsStore, selectContexts } from '../../stores/contexts.ts'
import { Button } from '../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Field, fieldClass } from '../../ui/text-field/text-field.tsx'
import { afterLabels, eventNames, hasFilter, spanMs, spanOf, spanUnits } from './notification-words.ts'
import type { Span, SpanUnit } from './notification-words.ts'
import styles from './notifications.module.css'

export function NotificationRuleDialog({
  rule,
  isNew,
  onSave,
  onClose,
}: {
  readonly rule: NotifyRule
  readonly isNew: boolean
  readonly onSave: (rule: NotifyRule) => void
  readonly onClose: () => void
}): ReactElement {
  const [draft, setDraft] = useState(rule)
  const [after, setAfter] = useState(spanOf(rule.afterMs))
  const [every, setEvery] = useState(spanOf(rule.everyMs))
  const contexts = useStore(contextsStore, (state) => selectContexts(state.items))
  const fault = hasFilter(draft.event) ? filterFault(draft.filter) : undefined
  const afterLabel = afterLabels[draft.event]
  const save = (): void => {
    if (fault !== undefined) return
    onSave({
      ...draft,
      filter: hasFilter(draft.event) ? draft.filter.trim() : '',
      afterMs: afterLabel === null ? 0 : Math.min(spanMs(after), maxAfterMs),
      everyMs: Math.min(spanMs(every), maxEveryMs),
    })
  }
  const choose = (event: NotifyEvent): void => {
    setDraft({ ...draft, event })
    setAfter(spanOf(notifyDefaults[event].afterMs))
    setEvery(spanOf(notifyDefaults[event].everyMs))
  }
  return (
    <Dialog
      title={isNew ? 'Add a rule' : 'Change the rule'}
      onCancel={onClose}
      onConfirm={save}
      foot={
        <DialogEnd>
          <Button keys="Escape" onClick={onClose}>
            Cancel
          </Button>
          <Button variant="primary" keys="Mod+Enter" offReason={fault ?? ''} onClick={save}>
            {isNew ? 'Add rule' : 'Save rule'}
          </Button>
        </DialogEnd>
      }
    >
      <div className={styles.fields}>
        <Field label="Notify when">
          {(id) => (
            <select
              id={id}
              className={fieldClass}
              data-first-focus=""
              value={draft.event}
              onChange={({ target }) => choose(target.value as NotifyEvent)}
            >
              {notifyEvents.map((event) => (
                <option key={event} value={event}>
                  {eventNames[event]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="In">
          {(id) => (
            <select
              id={id}
              className={fieldClass}
              value={draft.context ?? ''}
              onChange={({ target }) => setDraft({ ...draft, context: target.value === '' ? null : target.value })}
            >
              <option value="">Every selected context</option>
              {draft.context !== null && !contexts.some(({ key }) => key === draft.context) ? (
                <option value={draft.context}>{oneLine(draft.context, 120)} (not in any kubeconfig)</option>
              ) : null}
              {contexts.map(({ key, name }) => (
                <option key={key} value={key}>
                  {oneLine(name, 120)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {hasFilter(draft.event) ? (
          <Field label="Objects" fault={fault}>
            {(id) => (
              <input
                id={id}
                className={fieldClass}
                value={draft.filter}
                maxLength={500}
                spellCheck={false}
                placeholder="All of them, or ns: kind: name: and the rest of a list’s filter"
                aria-invalid={fault !== undefined}
                aria-describedby={fault === undefined ? undefined : `${id}-fault`}
                onChange={({ target }) => setDraft({ ...draft, filter: target.value })}
              />
            )}
          </Field>
        ) : null}
        {afterLabel === null ? null : <SpanField label={afterLabel} span={after} onChange={setAfter} />}
        <SpanField label="At most one notification in" span={every} onChange={setEvery} />
        <p className={styles.hint}>What comes meanwhile is told together. 0 lets every one through.</p>
      </div>
    </Dialog>
  )
}

function SpanField({
  label,
  span,
  onChange,
}: {
  readonly label: string
  readonly span: Span
  readonly onChange: (span: Span) => void
}): ReactElement {
  return (
    <Field label={label}>
      {(id) => (
        <div className={styles.span}>
          <input
            id={id}
            className={fieldClass}
            type="number"
            min={0}
            max={maxCount}
            value={span.count}
            onChange={({ target }) => onChange({ ...span, count: countOf(target.value) })}
          />
          <select
            className={fieldClass}
            aria-label={`${label}: unit`}
            value={span.unit}
            onChange={({ target }) => onChange({ ...span, unit: target.value as SpanUnit })}
          >
            {spanUnits.map(({ value, label: name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
    </Field>
  )
}

/** As the contract has them. */
const maxAfterMs = 400 * 86_400_000
const maxEveryMs = 7 * 86_400_000
const maxCount = 999

function countOf(text: string): number {
  const count = Math.floor(Number(text))
  return Number.isFinite(count) ? Math.min(Math.max(count, 0), maxCount) : 0
}

function filterFault(text: string): string | undefined {
  return parseFilter(text).tokens.find(({ error }) => error !== null)?.error ?? undefined
}
