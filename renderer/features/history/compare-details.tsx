/** One changed object: its fields by origin, and its manifest at both points where Git changed it. */
import { lazy, Suspense, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { changeOrigins } from '../../../shared/model/history-compare.ts'
import type { ChangedField, ChangedObject, ComparedTexts } from '../../../shared/model/history-compare.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { DiffMark } from '../../editor/diff-view.tsx'
import { useComparedTexts } from '../../stores/history-compare.ts'
import { openThen } from '../../stores/history-places.ts'
import { openObject } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { useIsNarrow } from '../../ui/media/media.ts'
import { formatDateTime } from '../../ui/timeline/timeline-words.ts'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { formatRevision } from '../../ui/time/format-time.ts'
import { timeTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { originWords, OriginSign } from './compare-origin.tsx'
import styles from './compare.module.css'

const DiffView = lazy(async () => ({ default: (await import('../../editor/diff-view.tsx')).DiffView }))

export function ChangedDetails({
  object,
  times,
}: {
  readonly object: ChangedObject
  readonly times: { readonly from: number; readonly until: number }
}): ReactElement {
  const { ref, owner, git, fields } = object
  const title = refTitle(ref)
  return (
    <section className={styles.details} aria-label={`Changes of ${ref.kind} ${title}`}>
      <div className={styles.head}>
        <KindBadge kind={ref.kind} group={ref.group} />
        <b className={styles.clip}>{oneLine(title, 300)}</b>
        {git === null ? null : <span className={styles.faint}>{git} in Git</span>}
        <span className={styles.headEnd}>
          <Button size="small" icon="clock" onClick={() => openThen(ref, times.from)}>
            As it was before
          </Button>
          <Button size="small" onClick={() => openObject(ref)}>
            Open
          </Button>
        </span>
      </div>
      {fields.length > 0 && (
        <div className={styles.fields}>
          {changeOrigins
            .filter((origin) => fields.some((field) => field.origin === origin))
            .map((origin) => (
              <section key={origin} aria-label={originWords[origin]}>
                <h2 className={styles.originHead}>
                  <OriginSign origin={origin} />
                  {originWords[origin]}
                </h2>
                <ul className={styles.fieldList}>
                  {fields
                    .filter((field) => field.origin === origin)
                    .map((field) => (
                      <Field key={field.key} field={field} onTime={() => openThen(ref, field.at)} />
                    ))}
                </ul>
              </section>
            ))}
        </div>
      )}
      {git !== null && owner !== null && <Manifests object={object} times={times} />}
    </section>
  )
}

function Field({ field, onTime }: { readonly field: ChangedField; readonly onTime: () => void }): ReactElement {
  const { path, before, after, by, at, isSecret } = field
  return (
    <li className={styles.field}>
      <span className={styles.path}>{oneLine(path, 300)}</span>
      <span className={styles.values}>
        {isSecret && before !== null && after !== null ? (
          'value changed'
        ) : (
          <>
            <span className={styles.before}>{before === null ? 'absent' : oneLine(before, 400)}</span>
            <span aria-label="became">→</span>
            <span>{after === null ? 'absent' : oneLine(after, 400)}</span>
          </>
        )}
      </span>
      <span className={styles.faint}>{oneLine(by, 100)}</span>
      <button type="button" className={styles.time} onClick={onTime} {...timeTooltip(at)}>
        {formatDateTime(at)}
      </button>
    </li>
  )
}

function Manifests({
  object,
  times,
}: {
  readonly object: ChangedObject
  readonly times: { readonly from: number; readonly until: number }
}): ReactElement {
  const { value, error } = useComparedTexts(object.owner, object.ref, times)
  if (error !== null)
    return (
      <ViewState icon="file" title="Its manifests could not be shown">
        {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 1000)}
      </ViewState>
    )
  if (value === null) return <SkeletonRows label="Loading manifests" count={6} />
  return <ManifestDiff object={object} texts={value} />
}

function ManifestDiff({
  object,
  texts,
}: {
  readonly object: ChangedObject
  readonly texts: ComparedTexts
}): ReactElement {
  const isNarrow = useIsNarrow()
  const [current, setCurrent] = useState<string | null>(null)
  const marks = useMemo<readonly DiffMark[]>(() => texts.marks.map((mark) => ({ ...mark, isQuiet: false })), [texts])
  const byKey = useMemo(() => new Map(object.fields.map((field) => [field.key, field])), [object])
  return (
    <div className={styles.manifests}>
      <Suspense fallback={<SkeletonRows label="Loading the editor" count={6} />}>
        <DiffView
          label={`Manifest of ${object.ref.kind} ${refTitle(object.ref)}`}
          identity={object.key}
          git={texts.before}
          live={texts.after}
          marks={marks}
          isInline={isNarrow}
          isFolded
          gitTitle={<Side word="Before" revision={texts.revisionBefore} />}
          clusterTitle={<Side word="After" revision={texts.revisionAfter} />}
          blameTitle="By"
          blameEnd="changed"
          blameOf={(key) => {
            const field = byKey.get(key)
            if (field === undefined) return null
            return {
              isQuiet: false,
              attributes: tooltip(`${oneLine(field.path, 300)}\n${formatDateTime(field.at)}`),
              node: (
                <span className={styles.blame}>
                  <Icon name="commit" size={12} />
                  <b>{field.by === '' ? 'Git' : oneLine(field.by, 120)}</b>
                  <span className={styles.faint}>{formatDateTime(field.at)}</span>
                </span>
              ),
            }
          }}
          current={current}
          onField={setCurrent}
          onKey={() => false}
        />
      </Suspense>
    </div>
  )
}

function Side({ word, revision }: { readonly word: string; readonly revision: string }): ReactElement {
  return (
    <>
      {word} <span className="sha">{revision === '' ? 'not there' : oneLine(formatRevision(revision), 80)}</span>
    </>
  )
}
