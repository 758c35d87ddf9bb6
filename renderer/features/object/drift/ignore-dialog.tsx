/**
 * "Ignore field…": the exact addition to the owner's manifest, where it goes, and what it does not do. Where a working copy is mapped to the
 * source of that manifest, the change of the file is shown, and written and committed on demand; nothing is ever pushed.
 */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import type { OutputOf } from '../../../../shared/contract/index.ts'
import type { DriftField, DriftObject, IgnoreCommit, IgnoreEdit } from '../../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../../shared/model/identity.ts'
import { copyText } from '../../../stores/actions.ts'
import { manifestSourceOf, mapFolder, writeIgnoreRule } from '../../../stores/drift-actions.ts'
import { callHost } from '../../../stores/host.ts'
import { useStream } from '../../../stores/use-stream.ts'
import { classNames } from '../../../ui/class-names/class-names.ts'
import { Button } from '../../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../../ui/dialog/dialog.tsx'
import { manyLines, oneLine } from '../../../ui/text/plain-text.ts'
import { fieldClass } from '../../../ui/text-field/text-field.tsx'
import { Banner } from '../../../ui/view-state/view-state.tsx'
import styles from './drift-tab.module.css'

export function IgnoreDialog({
  object,
  field,
  onClose,
}: {
  readonly object: DriftObject
  readonly field: DriftField
  readonly onClose: () => void
}): ReactElement {
  const [rule, setRule] = useState<OutputOf<'drift.ignoreRule'> | null>(null)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const [edit, setEdit] = useState<IgnoreEdit | null>(null)
  const [editError, setEditError] = useState<SluiceErrorData | null>(null)
  const [message, setMessage] = useState<string | null>(null)
  const [isWriting, setWriting] = useState(false)
  const folders = useStream('folders.watch', {})
  const source = manifestSourceOf(object.owner)
  const isMapped = source !== null && folders.items.has(refKey(source))
  const canMap = source !== null && folders.isReady && !isMapped
  useEffect(() => {
    const controller = new AbortController()
    const input = { owner: object.owner, ref: object.ref, field: field.key }
    void callHost('drift.ignoreRule', input, controller.signal).then((result) => {
      if (controller.signal.aborted) return
      if (result.ok) setRule(result.value)
      else setError(result.error)
    })
    return () => controller.abort()
  }, [object.owner, object.ref, field.key])
  // Anew when a folder was mapped meanwhile.
  useEffect(() => {
    const controller = new AbortController()
    const input = { owner: object.owner, ref: object.ref, field: field.key }
    void callHost('drift.ignoreEdit', input, controller.signal).then((result) => {
      if (controller.signal.aborted) return
      setEdit(result.ok ? result.value : null)
      setEditError(result.ok ? null : result.error)
    })
    return () => controller.abort()
  }, [object.owner, object.ref, field.key, isMapped])
  const commit = edit !== null && 'branch' in edit.commit ? edit.commit : null
  const text = message ?? commit?.message ?? ''
  const isMessageMissing = commit !== null && text.trim() === ''
  const write = async (isCommitted: boolean): Promise<void> => {
    if (edit === null || isWriting || (isCommitted && isMessageMissing)) return
    setWriting(true)
    const isWritten = await writeIgnoreRule(edit, isCommitted ? text : null)
    setWriting(false)
    if (isWritten) onClose()
  }
  const copy = async (): Promise<void> => {
    if (rule === null) return
    await copyText(rule.text, 'Rule')
    onClose()
  }
  const owner = `${object.owner.kind} ${refTitle(object.owner)}`
  return (
    <Dialog
      title="Ignore a field"
      subtitle={
        <span>
          <span className="mono">{oneLine(field.path, 400)}</span> of {object.ref.kind}{' '}
          {oneLine(refTitle(object.ref), 300)}
        </span>
      }
      size="plan"
      onCancel={onClose}
      onConfirm={() => void (editError === null ? write(commit !== null) : copy())}
      foot={
        <DialogEnd>
          <Button keys="Escape" onClick={onClose}>
            Close
          </Button>
          <Button
            variant={editError === null ? 'default' : 'primary'}
            icon="copy"
            data-first-focus=""
            {...(editError === null ? {} : { keys: 'Mod+Enter' })}
            offReason={rule === null ? (error === null ? 'The rule is being made' : 'There is no rule') : ''}
            onClick={() => void copy()}
          >
            Copy the rule
          </Button>
          {commit === null ? null : (
            <Button icon="file" offReason={isWriting ? 'It is being written' : ''} onClick={() => void write(false)}>
              Write only
            </Button>
          )}
          {editError !== null ? null : (
            <Button
              variant="primary"
              icon="file"
              keys="Mod+Enter"
              offReason={
                edit === null
                  ? 'The file is being looked for'
                  : isWriting
                    ? 'It is being written'
                    : isMessageMissing
                      ? 'The commit needs a message'
                      : ''
              }
              onClick={() => void write(commit !== null)}
            >
              {commit === null ? 'Write to the file' : 'Write and commit'}
            </Button>
          )}
        </DialogEnd>
      }
    >
      <p className={styles.muted}>
        Add this to {oneLine(owner, 300)} in Git. From the next apply on its controller leaves the field as the cluster
        has it, and Sluice lists it under “Ignored by rule”.
      </p>
      {error !== null ? (
        <Banner tone="failed" shape="failed">
          {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 1000)}
        </Banner>
      ) : rule === null ? (
        <p className={styles.faint} role="status">
          Making the rule…
        </p>
      ) : (
        <>
          <dl className={styles.ruleFacts}>
            <dt>Where</dt>
            <dd className="mono selectable">{oneLine(rule.path, 300)}</dd>
            {rule.origin === '' ? null : (
              <>
                <dt>File</dt>
                <dd className="mono selectable">{oneLine(rule.origin, 400)}</dd>
              </>
            )}
          </dl>
          {edit !== null ? null : (
            <pre className={styles.ruleText} tabIndex={0} aria-label="Rule">
              {manyLines(rule.text, 20_000)}
            </pre>
          )}
          {edit !== null ? (
            <>
              <EditDiff edit={edit} />
              {commit === null ? (
                <NoCommit edit={edit} />
              ) : (
                <CommitForm folder={edit.folder} commit={commit} text={text} onText={setMessage} />
              )}
            </>
          ) : editError === null ? (
            <p className={styles.faint} role="status">
              Looking for the file…
            </p>
          ) : (
            <div className={styles.editMissing}>
              <p className={styles.muted}>
                {manyLines([editError.message, editError.remedy].filter((text) => text !== '').join('. '), 1000)}
              </p>
              {canMap && source !== null ? (
                <Button icon="folder" onClick={() => void mapFolder(source)}>
                  Map a folder…
                </Button>
              ) : null}
            </div>
          )}
          {rule.note === '' ? null : <Banner tone="unknown">{manyLines(rule.note, 1000)}</Banner>}
        </>
      )}
    </Dialog>
  )
}

/** The file's change, as it will be written. */
function EditDiff({ edit }: { readonly edit: IgnoreEdit }): ReactElement {
  return (
    <section className={styles.edit} aria-label="Change of the file">
      <p className={styles.muted}>
        In your working copy <span className="mono selectable">{oneLine(edit.folder, 300)}</span>, this is what writing
        it changes in <span className="mono selectable">{oneLine(edit.file, 400)}</span>.
      </p>
      <pre className={styles.editLines} tabIndex={0} aria-label={`Change of ${oneLine(edit.file, 400)}`}>
        {edit.diff.map(({ kind, line, text }, index) => (
          <span key={index} className={classNames(styles.editLine, kind !== 'same' && styles[kind])}>
            <span className={styles.editNumber} aria-hidden="true">
              {line === 0 ? '' : line}
            </span>
            <span className={styles.editSign}>{kind === 'added' ? '+' : kind === 'removed' ? '−' : ' '}</span>
            {`${manyLines(text, 2000)}\n`}
          </span>
        ))}
      </pre>
    </section>
  )
}

/** Where the commit goes, in whose name, what it says, and what of the user's own setup it leaves out. */
function CommitForm({
  folder,
  commit,
  text,
  onText,
}: {
  readonly folder: string
  readonly commit: IgnoreCommit
  readonly text: string
  readonly onText: (text: string) => void
}): ReactElement {
  const { branch, author, skippedHooks, isUnsigned } = commit
  const names = skippedHooks.map((hook) => oneLine(hook, 60)).join(', ')
  const left = [
    skippedHooks.length === 0
      ? ''
      : `Sluice runs no programs of a repository: your ${skippedHooks.length === 1 ? 'hook' : 'hooks'} ${names} will not run.`,
    isUnsigned ? 'Your git signs commits; this one will not be signed.' : '',
  ].filter((words) => words !== '')
  return (
    <section className={styles.edit} aria-label="Commit">
      <dl className={styles.ruleFacts}>
        <dt>Commit to</dt>
        <dd>
          <span className="mono selectable">{oneLine(branch, 300)}</span> in{' '}
          <span className="mono selectable">{oneLine(folder, 300)}</span>: this file alone, not pushed
        </dd>
        <dt>Author</dt>
        <dd className="selectable">{oneLine(author, 300)}</dd>
      </dl>
      <textarea
        className={classNames(fieldClass, styles.message)}
        aria-label="Commit message"
        aria-invalid={text.trim() === ''}
        maxLength={10_000}
        rows={3}
        spellCheck={false}
        value={text}
        onChange={({ currentTarget }) => onText(currentTarget.value)}
      />
      {left.length === 0 ? null : <Banner tone="unknown">{left.join(' ')}</Banner>}
    </section>
  )
}

function NoCommit({ edit }: { readonly edit: IgnoreEdit }): ReactElement | null {
  const { commit, folder } = edit
  if (!('refused' in commit)) return null
  return (
    <section className={styles.edit} aria-label="Commit">
      <p className={styles.muted}>
        It can be written to <span className="mono selectable">{oneLine(folder, 300)}</span>, and not committed:{' '}
        {manyLines([commit.refused, commit.remedy].filter((text) => text !== '').join('. '), 1000)}
      </p>
    </section>
  )
}
