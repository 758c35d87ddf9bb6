/** What applying would do, in a dialog: tally, objects, risk, and the tick that deletions need. */
import type { ReactElement } from 'react'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { ActionSymbol, RiskMark } from '../../ui/drift-marks/drift-marks.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { Looking } from '../../ui/plan/plan-lines.tsx'
import { BannerText, BannerTitle } from '../../ui/plan/problem-banner.tsx'
import { Tick } from '../../ui/plan/ticks.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { formatRevision } from '../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { deletionOffReason, deletionText } from './plan-words.ts'
import { ObjectList, ObjectName } from './object-list.tsx'
import { TallyGrid } from './tally-grid.tsx'
import type { TallyCell } from './tally-grid.tsx'
import { changesOf, deletionsOf } from './use-preview.ts'
import type { PreviewState } from './use-preview.ts'
import styles from './gate.module.css'

export function PreviewPart({
  state,
  isSeen,
  onSeen,
  onSkip,
}: {
  readonly state: PreviewState
  /** The tick: what is deleted has been seen. */
  readonly isSeen: boolean
  readonly onSeen: () => void
  /** Goes on without the preview while it is made; absent: it holds nothing up. */
  readonly onSkip?: (() => void) | undefined
}): ReactElement | null {
  const { preview, error, isLoading } = state
  if (!state.isOffered) return null
  if (preview === null && isLoading)
    return (
      <Looking
        action={
          onSkip === undefined ? undefined : (
            <Button variant="link" size="small" onClick={onSkip}>
              Go on without it
            </Button>
          )
        }
      >
        Finding out what it would change…
      </Looking>
    )
  if (error !== null)
    return (
      <Banner
        tone="unknown"
        shape={error.code === 'Forbidden' ? 'forbidden' : 'unknown'}
        actions={
          <Button size="small" icon="reconcile" onClick={state.again}>
            Try again
          </Button>
        }
      >
        <BannerTitle>What it will change is not known.</BannerTitle>
        <BannerText>
          {manyLines([error.message, error.detail, error.remedy].filter((text) => text !== '').join('\n'), 1200)}
        </BannerText>
      </Banner>
    )
  if (preview === null) return null
  const deletions = deletionsOf(preview)
  return (
    <>
      <WaitsBanner preview={preview} />
      {isCounted(preview) ? <Tally preview={preview} /> : null}
      {preview.objects.length > 0 ? <ChangeList preview={preview} /> : null}
      <RiskLine preview={preview} />
      {preview.note === undefined ? null : <p className={styles.faint}>{preview.note}</p>}
      {preview.isApproximate || preview.fidelity?.word === 'differs' ? (
        <Banner tone="drifted" shape="drifted">
          {preview.isApproximate
            ? 'Approximate: compared without dry-run, defaults and admission are not seen.'
            : 'Not rendered exactly as the controller does.'}{' '}
          <span className={styles.muted}>{manyLines((preview.fidelity?.reasons ?? []).join(' '), 600)}</span>
        </Banner>
      ) : null}
      {deletions > 0 ? (
        <Tick isTicked={isSeen} onTick={onSeen}>
          {deletionText(deletions)}
        </Tick>
      ) : null}
      <p className={styles.faint}>
        Preview{' '}
        {preview.revision === '' ? null : (
          <>
            of <span className={styles.sha}>{oneLine(formatRevision(preview.revision), 80)}</span>,{' '}
          </>
        )}
        made <Age at={preview.checkedAt} suffix=" ago" />.
      </p>
    </>
  )
}

/** Why the filled button waits for the person or the preview; '' if it does not. */
export function previewOffReason(state: PreviewState, isSeen: boolean, isSkipped: boolean): string {
  if (!state.isOffered) return ''
  if (state.preview === null) return state.isLoading && !isSkipped ? 'What it would change is being found out' : ''
  return deletionsOf(state.preview) > 0 && !isSeen ? deletionOffReason : ''
}

/** Nothing is counted where a release is upgraded: what that changes is not rendered. */
function isCounted(preview: ResumePreview): boolean {
  return changesOf(preview) + preview.refusedCount + preview.unchangedCount + preview.skippedCount > 0
}

function Tally({ preview }: { readonly preview: ResumePreview }): ReactElement {
  const cells: readonly TallyCell[] = [
    ['created', preview.createdCount, 'will be created'],
    ['configured', preview.configuredCount, 'will be configured'],
    ...(preview.recreatedCount > 0 ? [['recreated', preview.recreatedCount, 'will be recreated'] as const] : []),
    ['pruned', preview.prunedCount, 'will be deleted'],
    ...(preview.refusedCount > 0 ? [['refused', preview.refusedCount, 'refused'] as const] : []),
    [
      'unchanged',
      preview.unchangedCount + preview.skippedCount,
      preview.skippedCount > 0 ? `unchanged, ${preview.skippedCount.toLocaleString()} skipped` : 'unchanged',
    ],
  ]
  return <TallyGrid cells={cells} />
}

const shownWaits = 5

/** Dependencies first: nothing of what follows happens before they are ready. */
function WaitsBanner({ preview: { waitsFor = [], waiting = [] } }: { readonly preview: ResumePreview }): ReactElement {
  const isStuck = waitsFor.some((wait) => wait.isStuck)
  const [first] = waiting
  return (
    <>
      {waitsFor.length === 0 ? null : (
        <Banner tone={isStuck ? 'drifted' : 'progressing'} shape="waiting">
          <BannerTitle>
            {waitsFor.length === 1
              ? 'It waits first: what it depends on is not ready.'
              : `It waits first: ${waitsFor.length.toLocaleString()} objects that it depends on are not ready.`}
          </BannerTitle>
          <ul aria-label="Waits for" className={styles.waits}>
            {waitsFor.slice(0, shownWaits).map(({ ref, text }) => (
              <li key={refKey(ref)}>
                <KindBadge kind={ref.kind} group={ref.group} />
                <span className={styles.wrapText}>
                  <span className={styles.medium}>{oneLine(refTitle(ref), 300)}</span> {manyLines(text, 300)}
                </span>
              </li>
            ))}
          </ul>
          {waitsFor.length > shownWaits ? (
            <BannerText>And {(waitsFor.length - shownWaits).toLocaleString()} more.</BannerText>
          ) : null}
        </Banner>
      )}
      {first === undefined ? null : (
        <p className={styles.muted} {...tooltip(oneLine(waiting.map(refTitle).join(', '), 600))}>
          {waiting.length === 1
            ? `${oneLine(refTitle(first), 300)} waits for it.`
            : `${waiting.length.toLocaleString()} objects wait for it, ${oneLine(refTitle(first), 300)} among them.`}
        </p>
      )}
    </>
  )
}

function ChangeList({ preview }: { readonly preview: ResumePreview }): ReactElement {
  const missing = changesOf(preview) - preview.objects.length
  return (
    <ObjectList
      label="Changes"
      items={preview.objects}
      shownRows={6}
      keyOf={({ key }) => key}
      rowClass={() => styles.changeItem}
      row={({ ref, action, summary, change = summary, problem, risk }) => (
        <>
          <ActionSymbol action={action} size={12} />
          <ObjectName subject={ref} />
          <span className={styles.planText} {...clippedTooltip(oneLine(change, 600))}>
            {oneLine(problem?.message ?? (change === '' ? risk.text : change), 300)}
          </span>
          <RiskMark level={risk.level} />
        </>
      )}
    >
      {missing > 0 ? <div className={styles.tally}>And {missing.toLocaleString()} more, less risky.</div> : null}
    </ObjectList>
  )
}

/** Risk in words where there is any; the reason why one click did not do. */
function RiskLine({ preview }: { readonly preview: ResumePreview }): ReactElement | null {
  const { risk, caution } = preview
  const changes = changesOf(preview)
  if (changes === 0 && caution === '') return null
  if (risk.level === 'low' && caution === '') return null
  // The caution often says the risk again, as a sentence.
  const isSaid = caution.toLowerCase().includes(risk.text.toLowerCase())
  const texts = [isSaid ? '' : risk.text, caution].filter((text) => text !== '')
  return (
    <div className={classNames(styles.riskLine, styles[`risk-${risk.level}`])} role="note">
      <RiskMark level={risk.level} suffix=" risk" className={styles.riskTitle} />
      {texts.length === 0 ? null : (
        <ul>
          {texts.map((text) => (
            <li key={text}>{manyLines(text, 600)}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
