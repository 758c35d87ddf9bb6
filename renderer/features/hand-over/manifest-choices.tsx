/** Where the manifests come from: the user's own `flux`, or a file. */
import { useId } from 'react'
import type { ReactElement } from 'react'
import type { ManifestsChoice, ManifestsWays, PickedManifests } from '../../../shared/model/hand-over.ts'
import { Button } from '../../ui/button/button.tsx'
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
  readonly onPick: () => void
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
          aria-label="A file that you choose"
          checked={choice?.kind === 'picked'}
          disabled={picked === null}
          onChange={() => picked !== null && onChoose({ kind: 'picked', id: picked.id })}
        />
        <span className={styles.choiceText}>
          <span>A file that you choose</span>
          <span className="muted" {...clippedTooltip(picked?.label ?? '')}>
            {picked === null
              ? 'What flux install --export printed, or the gotk-components.yaml of a bootstrapped cluster.'
              : oneLine(picked.label, 300)}
          </span>
        </span>
        <Button size="small" icon="file" onClick={onPick}>
          Choose…
        </Button>
      </div>
    </fieldset>
  )
}
