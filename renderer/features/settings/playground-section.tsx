/** Starting and stopping the Playground: a real API server on this computer with a sample fleet. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { startPlayground, stopPlayground } from '../../stores/actions.ts'
import { playgroundStore, selectPlayground } from '../../stores/settings.ts'
import { Button } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { ProgressLine } from '../../ui/progress-line/progress-line.tsx'
import { StatusChip } from '../../ui/status-mark/status-mark.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { Section } from './settings-section.tsx'
import styles from './settings.module.css'

export function PlaygroundSection(): ReactElement | null {
  const playground = useStore(playgroundStore, selectPlayground)
  const [isDataDeleted, setDataDeleted] = useState(false)
  if (playground === null) return null
  const { state } = playground
  const isBusy = state === 'preparing' || state === 'starting' || state === 'loading' || state === 'stopping'
  return (
    <Section
      title="Playground"
      note="A real Kubernetes API server on this computer: a Git repository that Sluice reconciles from, and about 60 Flux objects of every kind and state as still pictures."
    >
      <div className={styles.row}>
        {state === 'running' && <StatusChip word="Ready">Running</StatusChip>}
        {(state === 'absent' || state === 'failed') && (
          <Button icon="play" onClick={() => void startPlayground()}>
            Start the playground
          </Button>
        )}
        {(state === 'running' || isBusy) && (
          <Button
            icon="stop"
            offReason={state === 'stopping' ? 'It is being stopped' : ''}
            onClick={() => void stopPlayground(isDataDeleted)}
          >
            {state === 'running' ? 'Stop' : 'Cancel'}
          </Button>
        )}
        {state === 'running' && (
          <Checkbox label="Delete its data" checked={isDataDeleted} onChange={() => setDataDeleted(!isDataDeleted)}>
            Delete its data
          </Checkbox>
        )}
      </div>
      {isBusy && <ProgressLine label="Playground" step={playground.step} progress={playground.progress} />}
      {playground.limitation !== '' && <p className={styles.note}>{manyLines(playground.limitation, 600)}</p>}
      {playground.error !== null && (
        <Banner tone="failed" shape="failed">
          {manyLines(
            [playground.error.message, playground.error.detail, playground.error.remedy].filter(Boolean).join('\n'),
            2000,
          )}
        </Banner>
      )}
    </Section>
  )
}
