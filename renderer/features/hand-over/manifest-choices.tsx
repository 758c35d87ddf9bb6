/** Where the manifests come from: the user's own `flux`, a file or a folder, or a release that is downloaded. */
import { useId } from 'react'
import type { ReactElement } from 'react'
import type { ManifestsChoice, ManifestsWays, PickedManifests } from '../../../shared/model/hand-over.ts'
import { Button } from '../../ui/button/button.tsx'
import { ReleaseFields } from '../../ui/plan/release-fields.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './hand-over.module.css'

export function ManifestChoices({
  ways,
  picked,
  choice,
  onChoose,
  onPick,
}: {
  readonly ways: ManifestsWays | null
  readonly picked: PickedManifests | null
  readonly choice: ManifestsChoice | null
  readonly onChoose: (choice: ManifestsChoice) => void
  readonly onPick: (what: 'file' | 'folder') => void
}): ReactElement {
  const name = useId()
  const program = ways?.program ?? null
  const isProgramUsable = program !== null && program.problem === null
  return (
    <fieldset className={styles.choices}>
      <legend className={styles.heading}>Manifests of Flux</legend>
      <label className={styles.choice} data-off={isProgramUsable ? undefined : ''}>
        <input
          type="radio"
          name={name}
          checked={choice?.kind === 'program'}
          disabled={!isProgramUsable}
          onChange={() => onChoose({ kind: 'program' })}
        />
        <span className={styles.choiceText}>
          <span>{isProgramUsable ? `Your own Flux CLI, ${oneLine(program.version, 60)}` : 'Your own Flux CLI'}</span>
          <span className="muted">
            {ways === null
              ? 'Looking for flux on the PATH of your login shell…'
              : program === null
                ? 'There is no flux on the PATH of your login shell.'
                : program.problem === null
                  ? `${oneLine(program.path, 300)} install --export; it is not given a network or a kubeconfig.`
                  : manyLines(
                      [program.problem.message, program.problem.detail].filter((text) => text !== '').join(': '),
                      600,
                    )}
          </span>
        </span>
      </label>
      <div className={styles.choice}>
        <input
          type="radio"
          name={name}
          aria-label="A file or folder that you choose"
          checked={choice?.kind === 'picked'}
          disabled={picked === null}
          onChange={() => picked !== null && onChoose({ kind: 'picked', id: picked.id })}
        />
        <span className={styles.choiceText}>
          <span>A file or folder that you choose</span>
          <span className="muted" {...clippedTooltip(picked?.label ?? '')}>
            {picked === null
              ? 'What flux install --export printed, or the gotk-components.yaml of a bootstrapped cluster.'
              : oneLine(picked.label, 300)}
          </span>
        </span>
        <span className={styles.choiceButtons}>
          <Button size="small" icon="file" onClick={() => onPick('file')}>
            File…
          </Button>
          <Button size="small" icon="folder" onClick={() => onPick('folder')}>
            Folder…
          </Button>
        </span>
      </div>
      {ways === null ? null : (
        <div className={styles.choice}>
          <input
            type="radio"
            name={name}
            aria-label="A release of Flux"
            checked={choice?.kind === 'release'}
            disabled={choice?.kind !== 'release'}
            readOnly
          />
          <span className={styles.choiceText} data-wide="">
            <span>
              {choice?.kind === 'release' ? `Release ${oneLine(choice.version, 64)} of Flux` : 'A release of Flux'}
            </span>
            <span className="muted">
              Its install.yaml is downloaded, and taken only if it has the checksum that the release publishes for it.
            </span>
            <ReleaseFields
              host={ways.releaseHost}
              onDownload={(release) => onChoose({ kind: 'release', ...release })}
            />
          </span>
        </div>
      )}
    </fieldset>
  )
}
