/** The right of the Drift tab: one object in Git and in the cluster, who changed what, and what can be done about it. */
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../../shared/lib/format/numbers.ts'
import type { DriftField, DriftObject, DriftOwner } from '../../../../shared/model/drift.ts'
import { isDrift, isRecordOnly, isSettled } from '../../../../shared/model/drift.ts'
import type { ObjectDetail } from '../../../../shared/model/detail.ts'
import { refKey, refTitle } from '../../../../shared/model/identity.ts'
import { bindingOf } from '../../../app/keymap.ts'
import type { DiffMark, DiffViewHandle } from '../../../editor/diff-view.tsx'
import { copyText, openPlanDialog } from '../../../stores/actions.ts'
import { runCommand, useCommands } from '../../../stores/commands.ts'
import { copyPatch, openOrigin, sourceOf } from '../../../stores/drift-actions.ts'
import { uiStore } from '../../../stores/ui-state.ts'
import { useStream } from '../../../stores/use-stream.ts'
import { Button, IconButton, Segmented } from '../../../ui/button/button.tsx'
import { OriginMark, RiskMark } from '../../../ui/drift-marks/drift-marks.tsx'
import { blameText, driftSentence, isGuessed, verdictText } from '../../../ui/drift-marks/drift-words.ts'
import { Icon } from '../../../ui/icon/icon.tsx'
import { KindBadge } from '../../../ui/kind-badge/kind-badge.tsx'
import { useIsNarrow } from '../../../ui/media/media.ts'
import { Menu } from '../../../ui/menu/menu.tsx'
import { manyLines, oneLine } from '../../../ui/text/plain-text.ts'
import { Age } from '../../../ui/time/age.tsx'
import { formatMoment } from '../../../../shared/lib/format/time.ts'
import { formatRevision } from '../../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../../ui/tooltip/tooltip.tsx'
import { Banner, SkeletonRows, ViewState } from '../../../ui/view-state/view-state.tsx'
import { IgnoreDialog } from './ignore-dialog.tsx'
import type { DriftDetail } from './use-drift-detail.ts'
import styles from './drift-tab.module.css'

const DiffView = lazy(async () => ({ default: (await import('../../../editor/diff-view.tsx')).DiffView }))

/** Kept with the window's other state. */
const layoutPlace = '$diff-layout'
const foldPlace = '$diff-fold'

function setPlace(name: string, value: string): void {
  uiStore.setState((state) => ({ tabs: { ...state.tabs, [name]: value } }))
}

/** What setting it back does, as a sentence. */
export function setBackText(object: DriftObject): string {
  if (isRecordOnly(object)) return 'The next apply writes the record alone: no value changes.'
  const consequence = object.risk.text === '' ? '' : `: ${object.risk.text}`
  switch (object.action) {
    case 'configured': {
      const what = object.driftCount === 1 ? 'this field' : `these ${object.driftCount.toLocaleString()}`
      // `restarts 5 pods` is what it does, `read at start` what it is about.
      const isVerb = /^[a-z]+s\s/.test(object.risk.text)
      return `Setting ${what} back${isVerb ? ` ${object.risk.text}` : consequence}.`
    }
    case 'created':
      return `Applying creates it${consequence}.`
    case 'recreated':
      return `Applying deletes and creates it${consequence}.`
    case 'pruned':
      // `deletes a volume claim` says it itself, `stops 3 pods` comes on top.
      return object.risk.text.startsWith('deletes ')
        ? `Applying ${object.risk.text}.`
        : `Applying deletes it${consequence}.`
    case 'refused':
      return 'It could not be compared: whether it drifts is not known.'
    case 'moving':
      return 'It changes all the time: whether it drifts is not known.'
    case 'skipped':
      return 'Its controller leaves it alone.'
    case 'unchanged':
      return 'It is as Git says.'
  }
}

export function DriftDiff({
  detail,
  owner,
  object,
  drift,
  contextName,
  current,
  onField,
}: {
  readonly detail: ObjectDetail
  readonly owner: DriftOwner | undefined
  readonly object: DriftObject
  readonly drift: DriftDetail
  readonly contextName: string
  readonly current: string | null
  readonly onField: (field: string) => void
}): ReactElement {
  const isNarrow = useIsNarrow()
  const isInline = useStore(uiStore, (state) => state.tabs[layoutPlace] === 'inline') || isNarrow
  const isFolded = useStore(uiStore, (state) => state.tabs[foldPlace] !== 'whole')
  const folders = useStream('folders.watch', {})
  const [ignored, setIgnored] = useState<DriftField | null>(null)
  const view = useRef<DiffViewHandle>(null)
  const title = refTitle(object.ref)
  const { fields, texts } = drift
  const byKey = useMemo(() => new Map((fields ?? []).map((field) => [field.key, field])), [fields])
  const stops = useMemo(() => changesOf(fields ?? [], texts?.marks ?? []), [fields, texts])
  const marks = useMemo<readonly DiffMark[]>(
    () =>
      (texts?.marks ?? []).map((mark) => {
        const verdict = byKey.get(mark.field)?.verdict ?? 'drift'
        return { ...mark, isQuiet: verdict !== 'drift' && verdict !== 'reclaimed' }
      }),
    [texts, byKey],
  )
  const at = current === null ? -1 : stops.indexOf(current)
  const go = (step: 1 | -1): void => {
    const next =
      stops[(at < 0 ? (step > 0 ? 0 : stops.length - 1) : at + step + stops.length) % Math.max(1, stops.length)]
    // The only one may have been scrolled away.
    if (next === current) view.current?.showCurrent()
    else if (next !== undefined) onField(next)
  }
  const source = sourceOf(object.owner)
  const isMapped = source !== null && folders.items.has(refKey(source))
  const place =
    object.origin === null ? '' : `${object.origin.file}${object.origin.line > 0 ? `:${object.origin.line}` : ''}`
  const showInGit = (): void => {
    if (isMapped) void openOrigin(object.owner, object.ref)
    else void copyText(place, 'File and line')
  }
  // Lines of Git beside nothing would say that it is missing: whether it is there is what nobody knows.
  const isUnread = texts === null || (object.action === 'refused' && texts.live === '')
  const noChanges = stops.length === 0 ? 'There is no difference to go to' : ''
  const noLines = isUnread ? 'There are no lines to compare' : ''
  useCommands({
    next: { run: () => go(1), offReason: noChanges },
    previous: { run: () => go(-1), offReason: noChanges },
    nextChange: { run: () => go(1), offReason: noChanges },
    previousChange: { run: () => go(-1), offReason: noChanges },
    nextLines: { run: () => view.current?.step(1), offReason: noLines },
    previousLines: { run: () => view.current?.step(-1), offReason: noLines },
    openInEditor: { run: showInGit, offReason: place === '' ? 'It is not known which file it comes from' : '' },
  })

  const field = current === null ? undefined : byKey.get(current)
  const target = field !== undefined && isDrifting(field) ? field : (fields ?? []).find(isDrifting)
  const isClosed = detail.row?.isSuspended === true
  const fetched = detail.flow.find(({ name }) => name === 'Fetched')?.value ?? ''
  const patchOff = isRecordOnly(object)
    ? 'Every value is as in Git'
    : object.action === 'configured' || object.action === 'recreated'
      ? ''
      : object.action === 'pruned'
        ? 'It has no manifest in Git to patch'
        : object.action === 'created'
          ? 'There is nothing in the cluster to take over'
          : 'Nothing drifts here'
  return (
    <section className={styles.diff} aria-label={`Difference of ${object.ref.kind} ${title}`}>
      <div className={styles.diffBar}>
        <KindBadge kind={object.ref.kind} group={object.ref.group} />
        <span className={styles.diffTitle} {...clippedTooltip(title)}>
          {oneLine(title, 300)}
        </span>
        <span className={styles.faint}>{countOf(object)}</span>
        {place === '' ? null : (
          <>
            <span className="sep" />
            <button
              type="button"
              className={styles.origin}
              onClick={showInGit}
              {...tooltip(
                isMapped ? `Show ${place} in the editor` : `Copy ${place}. Map a folder to this source to open it.`,
                'E',
              )}
            >
              <Icon name="file" size={14} />
              <span className={styles.clip}>{oneLine(place, 300)}</span>
            </button>
          </>
        )}
        <div className={styles.diffEnd}>
          {stops.length > 0 ? (
            <>
              <span className={styles.position} role="status">
                {at < 0 ? stops.length.toLocaleString() : `${at + 1} of ${stops.length.toLocaleString()}`}
              </span>
              <IconButton
                icon="arrow-up"
                size="small"
                label="Previous difference"
                keys="Shift+N"
                onClick={() => go(-1)}
              />
              <IconButton icon="arrow-down" size="small" label="Next difference" keys="N" onClick={() => go(1)} />
            </>
          ) : null}
          {isNarrow ? null : (
            <Segmented
              label="Layout"
              value={isInline ? 'inline' : 'split'}
              options={[
                { value: 'split', name: 'Side by side', label: <LayoutLabel icon="split" text="Side by side" /> },
                { value: 'inline', name: 'Inline', label: <LayoutLabel icon="inline" text="Inline" /> },
              ]}
              onChange={(value) => setPlace(layoutPlace, value)}
            />
          )}
          <IconButton
            icon={isFolded ? 'expand' : 'fold'}
            size="small"
            label={isFolded ? 'Show whole object' : 'Show changes only'}
            onClick={() => setPlace(foldPlace, isFolded ? 'whole' : '')}
          />
          <Menu
            label="Copy"
            trigger={<IconButton icon="copy" size="small" label="Copy difference" />}
            entries={[
              {
                label: 'Copy as patch for Git',
                icon: 'copy',
                offReason: patchOff,
                onSelect: () => void copyPatch(object.owner, object.ref),
              },
              {
                label: 'Copy the path of the field',
                icon: 'copy',
                offReason: field === undefined ? 'No field is selected' : '',
                onSelect: () => field !== undefined && void copyText(field.path, 'Path'),
              },
              'rule',
              {
                label: "Copy Git's text",
                icon: 'copy',
                offReason: copyOff(texts?.git),
                onSelect: () => void copyText(texts?.git ?? '', "Git's text"),
              },
              {
                label: "Copy the cluster's text",
                icon: 'copy',
                offReason: copyOff(texts?.live),
                onSelect: () => void copyText(texts?.live ?? '', "The cluster's text"),
              },
            ]}
          />
        </div>
      </div>
      {isUnread || isSettled(object.action) ? null : <NotKnown object={object} />}
      {isRecordOnly(object) && fields !== null ? <RecordOnly fields={fields} /> : null}
      {isUnread ? (
        <NoTexts object={object} drift={drift} />
      ) : (
        <Suspense fallback={<SkeletonRows label="Loading the editor" />}>
          <DiffView
            ref={view}
            label={`${object.ref.kind} ${title}`}
            identity={object.key}
            git={texts.git}
            live={texts.live}
            marks={marks}
            isInline={isInline}
            isFolded={isFolded}
            gitTitle={
              <>
                <OriginMark origin="git" />
                Git <span className="sha">{oneLine(formatRevision(owner?.fidelity?.revision ?? ''), 80)}</span>
              </>
            }
            clusterTitle={
              <>
                <OriginMark origin="cluster" />
                Cluster{' '}
                <span className={styles.regular}>
                  {oneLine(contextName, 120)}, <Age at={texts.checkedAt} suffix=" ago" />
                </span>
              </>
            }
            blameTitle="Field manager"
            blameEnd="changed"
            blameOf={(key) => blameOf(byKey.get(key))}
            current={current}
            onField={onField}
            onKey={onEditorKey}
          />
        </Suspense>
      )}
      <div className={styles.foot}>
        {isDrift(object.action) ? <RiskMark level={object.risk.level} /> : null}
        <span className={styles.footText} {...clippedTooltip(setBackText(object))}>
          {setBackText(object)}
          {isClosed && isDrift(object.action) && fetched !== '' ? (
            <>
              {' '}
              Resume applies <span className="sha">{oneLine(shortSha(fetched), 60)}</span>.
            </>
          ) : null}
          {object.problem === null || !isSettled(object.action) ? null : ` ${oneLine(object.problem.message, 300)}`}
        </span>
        <div className={styles.footEnd}>
          <Button
            offReason={target === undefined ? 'No field of this object drifts' : ''}
            onClick={() => target !== undefined && setIgnored(target)}
          >
            Ignore field…
          </Button>
          <Button
            icon="copy"
            className={styles.footIcon}
            offReason={patchOff}
            onClick={() => void copyPatch(object.owner, object.ref)}
          >
            Copy as patch for Git
          </Button>
          {place === '' || !isMapped ? null : (
            <Button icon="file" className={styles.footIcon} onClick={showInGit}>
              Show in Git
            </Button>
          )}
          <Button
            icon="eye"
            keys="P"
            className={styles.footIcon}
            onClick={() => openPlanDialog(isClosed ? 'resume' : 'reconcile', [detail.ref])}
          >
            {isClosed ? 'Preview resume' : 'Reconcile now'}
          </Button>
        </div>
      </div>
      {ignored === null ? null : <IgnoreDialog object={object} field={ignored} onClose={() => setIgnored(null)} />}
    </section>
  )
}

const maxCopied = 200_000
function copyOff(text: string | undefined): string {
  if (text === undefined) return 'There is no text'
  if (text === '') return 'This side has no such object'
  return text.length > maxCopied ? 'More than 200,000 characters: select what you need' : ''
}

/** Keys that the editor does not know are the window's: the next difference, tabs, the way up. */
function onEditorKey(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const binding = bindingOf(event)
  if (binding === null || !editorCommands.has(binding.command) || event.key.startsWith('Arrow')) return false
  return runCommand(binding.command)
}
const editorCommands: ReadonlySet<string> = new Set([
  'next',
  'previous',
  'nextChange',
  'previousChange',
  'nextLines',
  'previousLines',
  'nextTab',
  'previousTab',
  'openInEditor',
  'planPreview',
  'gate',
  'reconcile',
  'shortcuts',
])

function isDrifting({ verdict }: DriftField): boolean {
  return verdict === 'drift' || verdict === 'reclaimed'
}

/** Fields that one goes through, in the order of the text: those that drift, else all that are marked. */
export function changesOf(
  fields: readonly DriftField[],
  marks: readonly { readonly field: string; readonly gitLine: number; readonly liveLine: number }[],
): readonly string[] {
  const line = new Map(marks.map((mark) => [mark.field, mark.liveLine > 0 ? mark.liveLine : mark.gitLine]))
  const drifting = fields.filter(isDrifting)
  return (drifting.length > 0 ? drifting : fields)
    .map(({ key }) => key)
    .filter((key) => line.has(key) || marks.length === 0)
    .sort((a, b) => (line.get(a) ?? 0) - (line.get(b) ?? 0))
}

function blameOf(field: DriftField | undefined): { node: ReactElement; attributes: object; isQuiet: boolean } | null {
  if (field === undefined) return null
  const { blame } = field
  const when = blame === null || blame.at === null ? '' : `\n${formatMoment(blame.at)}`
  const isPerson = /^kubectl|^k9s|^lens|^before-first-apply|edit/i.test(blame?.manager ?? '')
  return {
    isQuiet: !isDrifting(field),
    attributes: tooltip(
      `${oneLine(field.path, 300)}\n${blameText(field)}${when}${isDrifting(field) ? '' : `\n${verdictText(field)}`}`,
    ),
    node: (
      <span className={styles.blame}>
        <Icon name={blame === null ? 'info' : isPerson ? 'terminal' : 'settings'} size={12} />
        {isGuessed(field) ? <span className={styles.faint}>probably </span> : null}
        {field.verdict === 'record' ? <span className={styles.faint}>also </span> : null}
        <b>{blame === null ? 'not known' : oneLine(blame.manager, 120)}</b>
        <span className={styles.blameAge}>{blame === null || blame.at === null ? null : <Age at={blame.at} />}</span>
      </span>
    ),
  }
}

function countOf(object: DriftObject): string {
  if (isRecordOnly(object)) return 'record only'
  if (object.action === 'configured') return formatCountOf(object.driftCount, 'field')
  return object.action === 'unchanged' ? 'no drift' : driftSentence(object)
}

function shortSha(revision: string): string {
  return /\bsha\d+:([0-9a-f]{7})/.exec(formatRevision(revision))?.[1] ?? formatRevision(revision)
}

function LayoutLabel({ icon, text }: { readonly icon: 'split' | 'inline'; readonly text: string }): ReactElement {
  return (
    <span className={styles.layoutLabel}>
      <Icon name={icon} size={14} />
      {text}
    </span>
  )
}

const notKnownTitles = {
  refused: 'The API server refused the comparison',
  moving: 'It kept changing while it was compared',
} as const

/** Above the lines of an object that could not be compared: why, and what the lines are. */
function NotKnown({ object }: { readonly object: DriftObject }): ReactElement {
  const { problem } = object
  const isMoving = object.action === 'moving'
  const lines = isMoving
    ? 'The lines below are how it was at one moment. It is compared again soon.'
    : 'The lines below were compared without the API server, so approximately.'
  return (
    <Banner tone="unknown" shape={isMoving ? 'progressing' : problem?.code === 'Forbidden' ? 'forbidden' : 'failed'}>
      <b className="medium">{notKnownTitles[isMoving ? 'moving' : 'refused']}.</b>{' '}
      {problem === null ? null : <span className="selectable">{manyLines(problem.message, 1000)}</span>}
      {[problem?.detail ?? '', problem?.remedy ?? '', lines]
        .filter((text) => text !== '')
        .map((text) => (
          <span key={text} className={styles.problemText}>
            {manyLines(text, 1000)}
          </span>
        ))}
    </Banner>
  )
}

/** Above lines that are equal: what the controller would write all the same. */
function RecordOnly({ fields }: { readonly fields: readonly DriftField[] }): ReactElement {
  const held = fields.filter(({ verdict }) => verdict === 'record')
  return (
    <Banner tone="unknown" shape="ready">
      <b className="medium">Every value is as in Git; only who owns it differs.</b>{' '}
      {held.map(({ key, blame, liveValue }) => (
        <span key={key} className="selectable">
          {oneLine(blame?.manager ?? '', 120)} holds {oneLine(liveValue ?? '', 400)}
          {blame === null || blame.at === null ? '' : ` since ${formatMoment(blame.at)}`}.{' '}
        </span>
      ))}
      <span className={styles.problemText}>
        The next apply takes the ownership over and changes no value. It is listed because the controller writes the
        object, and is not counted as drift.
      </span>
    </Banner>
  )
}

/** Why there is nothing to compare line by line. */
function NoTexts({ object, drift }: { readonly object: DriftObject; readonly drift: DriftDetail }): ReactElement {
  const problem = object.problem ?? drift.textsError
  if (problem === null) return <SkeletonRows label="Loading the difference" />
  return (
    <ViewState
      shape={problem.code === 'Forbidden' ? 'forbidden' : object.action === 'moving' ? 'progressing' : 'failed'}
      title={
        object.action === 'refused' || object.action === 'moving'
          ? notKnownTitles[object.action]
          : 'The difference could not be shown'
      }
      detail={manyLines([problem.detail, problem.remedy].filter((text) => text !== '').join('\n'), 4000)}
    >
      {manyLines(problem.message, 2000)}
    </ViewState>
  )
}
