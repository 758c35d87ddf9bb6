/** Bootstrap: which repository, branch and folder, who commits, and what the cluster reads it with. */
import { useId } from 'react'
import type { ReactElement, ReactNode } from 'react'
import type { BootstrapRepository, BootstrapSecret } from '../../../shared/model/bootstrap.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { Button } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { Looking } from '../../ui/plan/plan-lines.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import type { BootstrapDraft, ReadDraft } from './bootstrap-draft.ts'
import { secretsFor } from './bootstrap-draft.ts'
import { Problem } from './problem.tsx'
import styles from './bootstrap.module.css'

const secretTexts: Readonly<Record<BootstrapSecret, (repository: BootstrapRepository) => string>> = {
  source: ({ secretName, source }) => `What its source has: Secret ${source.namespace}/${secretName}`,
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
        <Banner tone="unknown">
          No GitRepository of this cluster has an https or ssh address. Add one for the repository that Flux shall read.
        </Banner>
      ) : (
        <Fields {...props} repositories={repositories} />
      )}
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
              className={styles.input}
              value={repository === null ? '' : refKey(repository.source)}
              onChange={({ target }) => onChange({ repository: target.value, branch: null, secret: null })}
            >
              {repositories.map(({ source, url }) => (
                <option key={refKey(source)} value={refKey(source)}>
                  {oneLine(url, 200)} (GitRepository {oneLine(refTitle(source), 120)})
                </option>
              ))}
            </select>
          )}
        </Field>
        <Text
          label="Branch"
          value={draft.branch ?? branch}
          fault={faults.branch}
          onChange={(text) => onChange({ branch: text })}
        />
        <Text
          label="Folder of the cluster"
          value={draft.path}
          fault={faults.path}
          onChange={(text) => onChange({ path: text })}
        />
        <Text label="Author" value={draft.name} fault={faults.name} onChange={(text) => onChange({ name: text })} />
        <Text
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
                  className={styles.input}
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

/** SECURITY: item 10: what the window may ask for is what a cluster's object names, for this cluster alone. */
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

function Text({
  label,
  value,
  fault,
  placeholder,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly fault: string | undefined
  readonly placeholder?: string
  readonly onChange: (text: string) => void
}): ReactElement {
  return (
    <Field label={label} fault={fault}>
      {(id) => (
        <input
          id={id}
          className={styles.input}
          value={value}
          maxLength={500}
          spellCheck={false}
          placeholder={placeholder}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : `${id}-fault`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

function Field({
  label,
  fault,
  isWide = false,
  children,
}: {
  readonly label: string
  readonly fault?: string | undefined
  readonly isWide?: boolean
  readonly children: (id: string) => ReactNode
}): ReactElement {
  const id = useId()
  return (
    <div className={styles.field} data-wide={isWide ? '' : undefined}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children(id)}
      {fault === undefined ? null : (
        <span id={`${id}-fault`} className={styles.fault}>
          {fault}
        </span>
      )}
    </div>
  )
}
