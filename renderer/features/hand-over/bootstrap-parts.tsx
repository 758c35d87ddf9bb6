/** What a bootstrap would commit and apply: files with their difference, objects, the Secret's keys, and what else lies in the folder. */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { BootstrapFile, BootstrapPlan } from '../../../shared/model/bootstrap.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { askFileDiff } from '../../stores/hand-over.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { Fact, Facts, Folded, PlanSection } from '../../ui/plan/plan-lists.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import styles from './bootstrap.module.css'

const fileShapes: Readonly<Record<BootstrapFile['action'], StatusShape>> = {
  created: 'ready',
  changed: 'progressing',
  unchanged: 'empty',
  kept: 'empty',
}
const pushTexts: Readonly<Record<BootstrapPlan['pushesWith'], string>> = {
  own: 'your own Git credentials',
  secret: 'the Secret of its source',
  nothing: 'no credentials',
}

export function BootstrapParts({
  context,
  digest,
  plan,
}: {
  readonly context: ContextId
  readonly digest: string
  readonly plan: BootstrapPlan
}): ReactElement {
  const { repository, branch, head, author, pushesWith, commits, files, objects, secretKeys, applied } = plan
  const foreign = files.filter(({ isForeign }) => isForeign)
  return (
    <PlanSection title="Bootstrap">
      <Facts label="What is put under Git">
        <Fact label="Repository" shape="ready">
          {oneLine(repository, 300)}
        </Fact>
        <Fact label="Branch" shape="ready">
          {oneLine(branch, 200)},{' '}
          {head === null ? 'which begins with this' : `at ${head.slice(0, 7)}; it is never forced`}
        </Fact>
        <Fact label="Commits" shape={commits.length === 0 ? 'empty' : 'ready'}>
          {commits.length === 0 ? (
            'none: the branch holds it already'
          ) : (
            <>
              {commits.map((message) => (
                <span key={message} className={styles.line}>
                  {oneLine(message, 200)}
                </span>
              ))}
              <span className="muted">
                by {oneLine(author.name, 200)}
                {author.email === '' ? '' : ` <${oneLine(author.email, 200)}>`}, pushed with {pushTexts[pushesWith]}
              </span>
            </>
          )}
        </Fact>
        {foreign.length === 0 ? null : (
          <Fact label="Not Flux’s" shape="waiting">
            {foreign.map(({ path }) => oneLine(path, 300)).join(', ')} is replaced, and does not say that Flux made it
          </Fact>
        )}
        <Fact label="Objects" shape="ready">
          {objects.map(({ kind, namespace, name, action }) => (
            <span key={kind} className={styles.line}>
              {oneLine(kind, 60)} {oneLine(refTitle({ namespace, name }), 253)}, <span className="muted">{action}</span>
            </span>
          ))}
        </Fact>
        <Fact label="Secret" shape={secretKeys === null ? 'empty' : 'ready'}>
          {secretKeys === null
            ? 'none: the cluster reads it without credentials'
            : `${secretKeys.map((key) => oneLine(key, 60)).join(', ')} (values are shown nowhere)`}
        </Fact>
        <Fact label="Flux applies" shape={plan.appliedCount === 0 ? 'ready' : 'waiting'}>
          {plan.appliedCount === 0
            ? `./${oneLine(plan.path, 300)}, which holds nothing else`
            : `./${oneLine(plan.path, 300)}: ${formatCountOf(plan.appliedCount, 'other file', 'other files')} in it, too`}
        </Fact>
      </Facts>
      <ul className={styles.files} aria-label="Files">
        {files.map((file) => (
          <FileRow key={file.path} context={context} digest={digest} file={file} />
        ))}
      </ul>
      {applied.length === 0 ? null : (
        <Folded title={`${formatCountOf(plan.appliedCount, 'file', 'files')} that Flux applies from then on`}>
          {applied.map(({ path, objects: titles }) => (
            <li key={path} className={styles.applied}>
              <span className={styles.path}>{oneLine(path, 500)}</span>
              <span className="muted">
                {titles.length === 0 ? 'no plain objects' : oneLine(titles.join(', '), 600)}
              </span>
            </li>
          ))}
        </Folded>
      )}
    </PlanSection>
  )
}

function FileRow({
  context,
  digest,
  file,
}: {
  readonly context: ContextId
  readonly digest: string
  readonly file: BootstrapFile
}): ReactElement {
  const [isOpen, setOpen] = useState(false)
  const { path, action, added, removed } = file
  const hasDiff = action === 'created' || action === 'changed'
  const head = (
    <>
      <StatusMark shape={fileShapes[action]} size={12} />
      <span className="muted">{action === 'kept' ? 'kept, yours' : action}</span>
      <span className={styles.path}>{oneLine(path, 500)}</span>
      <span className={styles.counts}>{hasDiff ? `+${added.toLocaleString()} −${removed.toLocaleString()}` : ''}</span>
      {hasDiff ? <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} size={12} /> : null}
    </>
  )
  return (
    <li>
      {hasDiff ? (
        <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary className={styles.file} aria-label={`${path}, ${action}: show the difference`}>
            {head}
          </summary>
          {isOpen ? <FileDiff context={context} digest={digest} path={path} /> : null}
        </details>
      ) : (
        <div className={styles.file}>{head}</div>
      )}
    </li>
  )
}

function FileDiff({
  context,
  digest,
  path,
}: {
  readonly context: ContextId
  readonly digest: string
  readonly path: string
}): ReactElement {
  const [text, setText] = useState<string | null>(null)
  useEffect(() => {
    const controller = new AbortController()
    void askFileDiff(context, digest, path, controller.signal).then((answer) => {
      if (!controller.signal.aborted) setText('value' in answer ? answer.value : answer.error.message)
    })
    return () => controller.abort()
  }, [context, digest, path])
  return (
    <pre className={styles.diff} tabIndex={0} aria-label={`Difference of ${path}`}>
      {text === null
        ? 'Reading…'
        : blocksOf(text).map(({ kind, lines }, index) => (
            <span key={index} data-kind={kind}>
              {lines.map(plainLine).join('\n')}
            </span>
          ))}
    </pre>
  )
}

type LineKind = 'added' | 'removed' | 'place' | 'same'

/** Lines of one kind that follow each other: a file of ten thousand new lines is one element. */
function blocksOf(diff: string): readonly { readonly kind: LineKind; readonly lines: readonly string[] }[] {
  const blocks: { kind: LineKind; lines: string[] }[] = []
  for (const line of diff.split('\n').slice(2)) {
    const kind = line.startsWith('+')
      ? 'added'
      : line.startsWith('-')
        ? 'removed'
        : line.startsWith('@@')
          ? 'place'
          : 'same'
    const last = blocks.at(-1)
    if (last?.kind === kind) last.lines.push(line)
    else blocks.push({ kind, lines: [line] })
  }
  return blocks
}

/** Indentation is the meaning of YAML: spaces stay. */
function plainLine(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}').slice(0, 2000)
}
