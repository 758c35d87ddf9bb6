/** Pieces that every plan dialog is made of: where it happens, the picture, the list, the patch, what went wrong. */
import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { Plan, PlanItem } from '../../../shared/model/actions.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { contextOfCluster, contextsStore } from '../../stores/contexts.ts'
import { allRows } from '../../stores/rows.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Gate } from '../../ui/gate/gate.tsx'
import type { GateState } from '../../ui/gate/gate.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { ContextChip, DigestLine, Where } from '../../ui/plan/plan-lines.tsx'
import { ProblemBanner } from '../../ui/plan/problem-banner.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { formatRevision } from '../../ui/time/format-time.ts'
import { Age } from '../../ui/time/age.tsx'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { ObjectList } from './object-list.tsx'
import { pathText, subjectOf, tallyText } from './plan-words.ts'
import styles from './gate.module.css'

/** `Kustomization in prod-eu-1`. */
export function WhereLine({ refs }: { readonly refs: readonly ObjectRef[] }): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const names = new Map<string, boolean>()
  for (const cluster of new Set(refs.map((ref) => ref.cluster))) {
    const context = contextOfCluster(contexts, cluster)
    names.set(context?.name ?? cluster, context?.isProduction ?? false)
  }
  const [first] = refs
  return (
    <Where>
      {first !== undefined && refs.length === 1 ? first.kind : subjectOf(refs)} in
      {[...names].map(([name, isProduction]) => (
        <ContextChip key={name} name={name} isProduction={isProduction} />
      ))}
    </Where>
  )
}

/** The row of an object as it was when asked: dialogs show the state that the plan was made in. */
export function rowOf(ref: ObjectRef): FluxRow | undefined {
  return allRows().get(refKey(ref))
}

/** Source, gate and cluster as they will be. Decoration: the sentences say the same. */
export function SluicePicture({
  row,
  isOpen,
  gate = isOpen ? 'open' : 'closed',
}: {
  readonly row: FluxRow
  readonly isOpen: boolean
  readonly gate?: GateState
}): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const { source } = row
  const sourceRow = source === null ? undefined : rowOf({ ...source, cluster: row.ref.cluster })
  const sourceRevision = sourceRow?.revision ?? row.revision
  return (
    <div className={styles.picture} aria-hidden="true">
      <div className={styles.pictureSource}>
        <div>
          <div className={styles.caption}>{source === null ? row.ref.kind : `${source.kind}/${source.name}`}</div>
          <span className={styles.sha}>{oneLine(formatRevision(sourceRevision), 60) || 'no revision'}</span>
        </div>
        <i className={styles.pipe} />
      </div>
      <span inert className={styles.pictureGate}>
        <Gate title={refTitle(row.ref)} state={gate} size="large" tabIndex={-1} />
      </span>
      <div className={styles.pictureCluster}>
        <i className={classNames(styles.pipe, isOpen ? styles.pipeOut : styles.dry)} />
        <div>
          <div className={styles.caption}>{contextOfCluster(contexts, row.ref.cluster)?.name ?? ''}</div>
          <span>
            {row.inventoryCount === null
              ? oneLine(formatRevision(row.revision), 40) || refTitle(row.ref)
              : formatCountOf(row.inventoryCount, 'object')}
          </span>
        </div>
      </div>
    </div>
  )
}

const itemText = (item: PlanItem): string => {
  if (item.refusal !== null) return item.refusal.message
  const [first] = item.changes
  if (first === undefined) return item.effect === 'unchanged' ? 'already so' : ''
  const more = item.changes.length > 1 ? ` and ${item.changes.length - 1} more` : ''
  return `${changeText(first)}${more}`
}

function changeText({ path, before, after }: PlanItem['changes'][number]): string {
  const name = path.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~') ?? path
  return `${name}: ${before ?? 'not set'} → ${after ?? 'removed'}`
}

const effectIcons = { change: 'drift', unchanged: 'check', refused: 'lock' } as const

/** Every object of the plan with what happens to it; hundreds scroll. */
export function PlanList({ plan }: { readonly plan: Plan }): ReactElement {
  const order = { refused: 0, change: 1, unchanged: 2 } as const
  const items = plan.items.toSorted((a, b) => order[a.effect] - order[b.effect])
  const isSeveralContexts = plan.contexts.length > 1
  const contextOf = new Map(plan.contexts.map(({ cluster, context }) => [cluster, context]))
  return (
    <ObjectList
      label="What happens to each object"
      items={items}
      shownRows={7}
      keyOf={({ ref }) => refKey(ref)}
      rowClass={({ effect }) => classNames(styles.planItem, effect === 'refused' && styles.refused)}
      row={(item) => {
        const text = oneLine(itemText(item))
        return (
          <>
            <Icon name={effectIcons[item.effect]} size={14} />
            <span className={styles.planObject}>
              <KindBadge kind={item.ref.kind} group={item.ref.group} />
              <span className={styles.clip}>
                {isSeveralContexts && <span className={styles.faint}>{contextOf.get(item.ref.cluster)} </span>}
                {oneLine(refTitle(item.ref), 300)}
              </span>
            </span>
            <span className={styles.planText} {...tooltip(text)}>
              {item.effect === 'refused' ? `refused: ${text}` : text}
            </span>
          </>
        )
      }}
    >
      <div className={styles.tally}>{tallyText(plan)}</div>
    </ObjectList>
  )
}

/** The one object's changed fields. */
export function FieldChanges({ item }: { readonly item: PlanItem }): ReactElement | null {
  if (item.changes.length === 0) return null
  return (
    <ul className={styles.fields} aria-label="Fields that are written">
      {item.changes.map((change) => (
        <li key={change.path}>
          <span className={styles.fieldPath}>{oneLine(pathText(change.path))}</span>
          <span className={styles.fieldValues}>
            <span className={styles.before}>{change.before === null ? 'not set' : oneLine(change.before)}</span>
            <Icon name="arrow-right" size={12} />
            <span className={styles.after}>{change.after === null ? 'removed' : oneLine(change.after)}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Notes of the plan's objects, each sentence once; `isWhoShown`: the dialog's head says already who suspended. */
export function PlanNotes({
  plan,
  isWhoShown = false,
}: {
  readonly plan: Plan
  readonly isWhoShown?: boolean
}): ReactElement | null {
  const notes = new Map<string, 'info' | 'warning'>()
  for (const item of plan.items)
    for (const note of item.notes) {
      if (isWhoShown && note.level === 'info' && note.text.startsWith('Suspended by ')) continue
      if (notes.get(note.text) !== 'warning') notes.set(note.text, note.level)
    }
  if (notes.size === 0) return null
  const shown = [...notes].slice(0, 5)
  return (
    <>
      {shown.map(([text, level]) => (
        <Banner key={text} tone={level === 'warning' ? 'drifted' : 'unknown'}>
          <span className={styles.note}>
            <Icon name={level === 'warning' ? 'alert' : 'info'} size={14} />
            {manyLines(text)}
          </span>
        </Banner>
      ))}
      {notes.size > shown.length && (
        <p className={styles.faint}>{notes.size - shown.length} more notes in the patch.</p>
      )}
    </>
  )
}

const bounds = { message: 20_000, detail: 20_000, remedy: 20_000 }

/** Why there is no plan, or why the engine refused it; the way on stands beside it. */
export function PlanProblem({
  error,
  onAgain,
}: {
  readonly error: SluiceErrorData
  readonly onAgain: () => void
}): ReactElement {
  return (
    <ProblemBanner
      error={error}
      bounds={bounds}
      actions={
        <Button size="small" icon="reconcile" onClick={onAgain}>
          Prepare again
        </Button>
      }
    />
  )
}

const maxPatches = 50

/** The exact request bodies. */
export function PatchView({ plan }: { readonly plan: Plan }): ReactElement {
  const items = plan.items.filter((item) => item.patch !== '').slice(0, maxPatches)
  return (
    <section aria-label="Patch" className={styles.patch}>
      {items.map((item) => (
        <div key={refKey(item.ref)}>
          {plan.items.length > 1 && <div className={styles.patchTitle}>{`${item.ref.kind} ${refTitle(item.ref)}`}</div>}
          <pre className="selectable" tabIndex={0}>
            {pretty(item.patch)}
          </pre>
        </div>
      ))}
      {items.length === 0 && <p className={styles.faint}>Nothing is written.</p>}
      {plan.items.length > maxPatches && (
        <p className={styles.faint}>
          The first {maxPatches} of {plan.items.length.toLocaleString()}.
        </p>
      )}
    </section>
  )
}

function pretty(patch: string): string {
  try {
    return manyLines(JSON.stringify(JSON.parse(patch), null, 2))
  } catch {
    return manyLines(patch)
  }
}

/** Digest and age of the plan, and what refuses it. */
export function PlanDigest({ plan, verb }: { readonly plan: Plan; readonly verb: string }): ReactElement {
  return (
    <DigestLine digest={plan.digest}>
      , <Age at={plan.createdAt} suffix=" old" />. {verb} is refused if what it writes has moved since.
    </DigestLine>
  )
}

/** A line with who suspended it. */
export function SuspendedLine({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Where>
      <StatusMark shape="suspended" />
      <span className={styles.wrapText}>{children}</span>
    </Where>
  )
}
