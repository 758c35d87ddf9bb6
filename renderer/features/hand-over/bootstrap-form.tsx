/** Bootstrap: which repository, branch and folder, who commits, and what the cluster reads it with. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { BootstrapRepository, BootstrapSecret } from '../../../shared/model/bootstrap.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { Button } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Looking } from '../../ui/plan/plan-lines.tsx'
import { Field, fieldClass, TextField } from '../../ui/text-field/text-field.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import type { BootstrapDraft, ReadDraft } from './bootstrap-draft.ts'
import { repositoryKey, secretsFor } from './bootstrap-draft.ts'
import { Problem } from './problem.tsx'
import styles from './bootstrap.module.css'

const secretTexts: Readonly<Record<BootstrapSecret, (repository: BootstrapRepository) => string>> = {
  source: ({ secretName, source }) => `What its source has: Secret ${source?.namespace ?? ''}/${secretName}`,
  token: () => 'The token that you keep for this repository',
  key: () => 'A private SSH key from a file',
  none: () => 'None: everybody may read it',
}

const wantedLabel = 'Also put Flux under Git (bootstrap)'

export interface BootstrapFormProps {
  readonly draft: BootstrapDraft
  readonly read: ReadDraft
  /** null: being looked for. */
  readonly repositories: readonly BootstrapRepository[] | null
  readonly error: SluiceErrorData | null
  readonly onChange: (change: Partial<BootstrapDraft>) => void
  readonly onPickKey: () => void
  /** Of a repository that no source names; why it cannot be, null: it is there, or was not wanted. */
  readonly onAdd: (url: string) => Promise<SluiceErrorData | null>
  readonly onAllowHost: (repository: BootstrapRepository) => void
  readonly onAllowCredentials: (repository: BootstrapRepository) => void
  readonly onAgain: () => void
}

export function BootstrapForm(props: BootstrapFormProps): ReactElement {
  const { draft, repositories, error, onChange, onAgain } = props
  return (
    <section className={styles.form} aria-label="Bootstrap">
      <Checkbox label={wantedLabel} checked={draft.isWanted} onChange={() => onChange({ isWanted: !draft.isWanted })}>
        {wantedLabel}
      </Checkbox>
      <p className={styles.about}>
        Commits Flux’s manifests to your repository, laid out as flux bootstrap git does it, and lets Flux read itself
        from there.
      </p>
      {!draft.isWanted ? null : error !== null ? (
        <Problem error={error} onAgain={onAgain} />
      ) : repositories === null ? (
        <Looking>Looking for repositories that the cluster’s sources name…</Looking>
      ) : repositories.length === 0 ? (
        <p className={styles.about}>No GitRepository of this cluster names one that Flux could read itself from.</p>
      ) : (
        <Fields {...props} repositories={repositories} />
      )}
      {draft.isWanted && repositories !== null && error === null ? (
        <OtherRepository isOpen={repositories.length === 0} onAdd={props.onAdd} />
      ) : null}
    </section>
  )
}

function Fields({
  draft,
  read,
  repositories,
  onChange,
  onPickKey,
  onAllowHost,
  onAllowCredentials,
}: BootstrapFormProps & { readonly repositories: readonly BootstrapRepository[] }): ReactElement {
  const { repository, branch, secret, faults } = read
  return (
    <>
      <div className={styles.fields}>
        <Field label="Repository" isWide>
          {(id) => (
            <select
              id={id}
              className={classNames(fieldClass, styles.input)}
              value={repository === null ? '' : repositoryKey(repository)}
              onChange={({ target }) => onChange({ repository: target.value, branch: null, secret: null })}
            >
              {repositories.map((each) => (
                <option key={repositoryKey(each)} value={repositoryKey(each)}>
                  {oneLine(each.url, 200)} (
                  {each.source === null ? 'named by you' : `GitRepository ${oneLine(refTitle(each.source), 120)}`})
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          label="Branch"
          value={draft.branch ?? branch}
          fault={faults.branch}
          onChange={(text) => onChange({ branch: text })}
        />
        <TextField
          label="Folder of the cluster"
          value={draft.path}
          fault={faults.path}
          onChange={(text) => onChange({ path: text })}
        />
        <TextField
          label="Author"
          value={draft.name}
          fault={faults.name}
          onChange={(text) => onChange({ name: text })}
        />
        <TextField
          label="Author’s address"
          value={draft.email}
          fault={faults.email}
          placeholder="may be left empty"
          onChange={(text) => onChange({ email: text })}
        />
        {repository === null ? null : (
          <Field label="The cluster reads it with" isWide fault={faults.key}>
            {(id) => (
              <div className={styles.withButton}>
                <select
                  id={id}
                  className={classNames(fieldClass, styles.input)}
                  value={secret}
                  onChange={({ target }) => onChange({ secret: target.value as BootstrapSecret })}
                >
                  {secretsFor(repository).map((each) => (
                    <option key={each} value={each}>
                      {secretTexts[each](repository)}
                    </option>
                  ))}
                </select>
                {secret === 'key' ? (
                  <Button icon="file" onClick={onPickKey}>
                    {draft.key === null ? 'Choose…' : oneLine(draft.key.label, 60)}
                  </Button>
                ) : null}
              </div>
            )}
          </Field>
        )}
      </div>
      {repository === null ? null : (
        <Consents repository={repository} onAllowHost={onAllowHost} onAllowCredentials={onAllowCredentials} />
      )}
    </>
  )
}

/** SECURITY: item 7: the address is one of the cluster's only after the user, asked by main, has said so. */
function OtherRepository({
  isOpen,
  onAdd,
}: {
  readonly isOpen: boolean
  readonly onAdd: BootstrapFormProps['onAdd']
}): ReactElement {
  const [url, setUrl] = useState('')
  const [fault, setFault] = useState<string | undefined>(undefined)
  const add = async (): Promise<void> => {
    const error = await onAdd(url)
    setFault(error === null ? undefined : `${oneLine(error.message, 300)}. ${oneLine(error.remedy, 300)}`)
    if (error === null) setUrl('')
  }
  return (
    <details className={styles.other} open={isOpen}>
      <summary>Another repository</summary>
      <div className={styles.otherFields}>
        <TextField
          label="Address"
          value={url}
          fault={fault}
          placeholder="https://git.example.com/org/fleet or git@git.example.com:org/fleet"
          onChange={setUrl}
        />
        <Button offReason={url.trim() === '' ? 'Type its address first' : ''} onClick={() => void add()}>
          Use it…
        </Button>
      </div>
    </details>
  )
}

/** SECURITY: item 10: what the window may ask for is what a cluster's object, or its user, names, for this cluster alone. */
function Consents({
  repository,
  onAllowHost,
  onAllowCredentials,
}: Pick<BootstrapFormProps, 'onAllowHost' | 'onAllowCredentials'> & {
  readonly repository: BootstrapRepository
}): ReactElement | null {
  const { host, isHostAllowed, usesOwnCredentials, repository: own, secretName } = repository
  if (!isHostAllowed)
    return (
      <Banner
        tone="progressing"
        shape="waiting"
        actions={
          <Button size="small" onClick={() => onAllowHost(repository)}>
            Allow {oneLine(host, 100)}
          </Button>
        }
      >
        Sluice contacts {oneLine(host, 200)} for this cluster only when you allow it.
      </Banner>
    )
  if (own === null || usesOwnCredentials) return null
  return (
    <Banner
      tone="unknown"
      actions={
        <Button size="small" onClick={() => onAllowCredentials(repository)}>
          Push with my own
        </Button>
      }
    >
      {secretName === ''
        ? 'Your own Git credentials are not used for this repository: without them nothing can be pushed.'
        : 'It is pushed with the Secret of its source, which is often for reading only.'}
    </Banner>
  )
}
