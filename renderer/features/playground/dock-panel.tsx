/** The bar itself: what happens now at the left, four buttons at the right, each with what it would do. */
import { useId } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { PlaygroundAction } from '../../../shared/model/app.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { useDriftOwner } from '../../stores/drift.ts'
import { hostingStore } from '../../stores/hosting.ts'
import { openDrift, openObject } from '../../stores/navigation.ts'
import { actOnPlayground, pressedStore, useRow } from '../../stores/playground.ts'
import type { ShownLoop } from '../../stores/playground.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import type { IconName } from '../../ui/icon/icon.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { tellLoop } from './loop-steps.ts'
import type { LoopStep } from './loop-steps.ts'
import styles from './playground.module.css'

const buttons: readonly { readonly action: PlaygroundAction; readonly label: string; readonly icon: IconName }[] = [
  { action: 'commit', label: 'Commit a change', icon: 'commit' },
  { action: 'break', label: 'Break one', icon: 'bolt' },
  { action: 'drift', label: 'Cause drift', icon: 'drift' },
  { action: 'mend', label: 'Mend', icon: 'reset' },
]

const shapes: Readonly<Record<LoopStep['state'], StatusShape>> = {
  waiting: 'unknown',
  running: 'progressing',
  done: 'ready',
  failed: 'failed',
  drifted: 'drifted',
}
const stateWords: Readonly<Record<LoopStep['state'], string>> = {
  waiting: 'waiting',
  running: 'in progress',
  done: 'done',
  failed: 'failed',
  drifted: 'differs',
}

/** Where the bar's size is kept; 1: folded. */
const panel = 'playground-folded'

export function DockPanel({ shown }: { readonly shown: ShownLoop }): ReactElement {
  const { loop, source, kustomization } = shown
  const title = useId()
  const isFolded = useStore(uiStore, (state) => state.panels[panel] === 1)
  const drift = useDriftOwner(refKey(kustomization))
  const hosting = useStore(
    hostingStore,
    ({ items }) => [...items.values()].find(({ cluster, isOn }) => isOn && cluster === kustomization.cluster) ?? null,
  )
  const story = tellLoop({ loop, source: useRow(source), kustomization: useRow(kustomization), drift, hosting })
  const fold = (): void => uiStore.setState(({ panels }) => ({ panels: { ...panels, [panel]: isFolded ? 0 : 1 } }))
  return (
    <section className={styles.dock} aria-labelledby={title} data-folded={isFolded || undefined}>
      <div className={styles.story}>
        <div className={styles.head}>
          <Icon name="water" size={16} />
          <h2 id={title}>Playground</h2>
          <span className={styles.where}>
            {`Repository ${loop.source} → GitRepository ${source.name} → Kustomization ${kustomization.name}`}
          </span>
        </div>
        {isFolded ? null : (
          <p className={styles.text} role="status">
            {story.text}
          </p>
        )}
        <div className={styles.line}>
          <ol className={styles.steps} aria-label="What to watch">
            {story.steps.map(({ word, state }) => (
              <li key={word} data-state={state}>
                <StatusMark shape={shapes[state]} size={14} />
                {word}
                <span className={styles.said}>{`, ${stateWords[state]}`}</span>
              </li>
            ))}
          </ol>
          {story.link === 'drift' ? (
            <Button variant="link" size="small" onClick={() => openDrift(kustomization)}>
              Show drift
            </Button>
          ) : (
            <Button variant="link" size="small" onClick={() => openObject(kustomization, 'tree')}>
              {`Show ${kustomization.name}`}
            </Button>
          )}
        </div>
      </div>
      {isFolded ? null : <Actions shown={shown} />}
      <IconButton
        size="small"
        icon={isFolded ? 'expand' : 'fold'}
        label={isFolded ? 'Unfold the playground' : 'Fold the playground'}
        aria-expanded={!isFolded}
        onClick={fold}
      />
    </section>
  )
}

function Actions({ shown: { loop } }: { readonly shown: ShownLoop }): ReactElement {
  const pressed = useStore(pressedStore, (state) => state.action)
  return (
    <div className={styles.actions}>
      {buttons.map(({ action, label, icon }) => {
        const { does, offReason } = loop.actions[action]
        const isBusy = pressed !== null
        return (
          <div key={action} className={styles.action}>
            <Button
              icon={icon}
              offReason={isBusy ? 'The last press is being done' : offReason}
              aria-description={does}
              onClick={() => void actOnPlayground(action)}
            >
              {label}
            </Button>
            <span className={styles.does}>{offReason === '' ? does : offReason}</span>
          </div>
        )
      })}
    </div>
  )
}
