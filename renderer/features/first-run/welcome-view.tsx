/**
 * Feature first-run: what stands where no kubeconfig names a context. Teaches what Sluice is and offers three ways in.
 */
import type { ReactElement } from 'react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { AppInfo } from '../../../shared/model/app.ts'
import { pickKubeconfig, startPlayground, stopPlayground } from '../../stores/actions.ts'
import { callHost } from '../../stores/host.ts'
import { playgroundStore, selectPlayground, selectSettings, settingsStore } from '../../stores/settings.ts'
import { openFolder } from '../../stores/repositories.ts'
import { Button } from '../../ui/button/button.tsx'
import { ProgressLine } from '../../ui/progress-line/progress-line.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { GatePicture } from './gate-picture.tsx'
import styles from './welcome.module.css'

export function WelcomeView(): ReactElement {
  const playground = useStore(playgroundStore, selectPlayground)
  const settings = useStore(settingsStore, selectSettings)
  const [info, setInfo] = useState<AppInfo | null>(null)
  useEffect(() => {
    const controller = new AbortController()
    void callHost('app.info', {}, controller.signal).then((result) => {
      if (result.ok) setInfo(result.value)
    })
    return () => controller.abort()
  }, [settings?.kubeconfigFiles])

  const problems = [...(info?.kubeconfigs ?? []), ...(settings?.kubeconfigFiles ?? [])].flatMap((file) =>
    file.problem === null ? [] : [{ label: file.label, problem: file.problem }],
  )
  const shown = [
    ...new Map(problems.map((entry) => [`${entry.label} ${entry.problem.message}`, entry])).values(),
  ].filter(
    // That there is no file at all is why this page is shown.
    (entry) => entry.problem.code !== 'KubeconfigMissing',
  )
  const state = playground?.state ?? 'absent'
  const isBusy = state === 'preparing' || state === 'starting' || state === 'loading'
  return (
    <div className={styles.page}>
      <div className={styles.center}>
        <GatePicture isOpen={isBusy || state === 'running'} />
        <h1 className={styles.title}>Open a gate to your clusters</h1>
        <p className={styles.text}>
          Sluice shows every source, Kustomization and HelmRelease of your clusters, what failed and why, and opens or
          closes the gate of any of them with one click.
        </p>
        <div className={styles.ways}>
          <Way
            title="Open a kubeconfig"
            text="Read, never written. Several files and contexts may be open at once."
            action={
              <Button variant="primary" size="large" icon="file" onClick={() => void pickKubeconfig()}>
                Open a kubeconfig
              </Button>
            }
          />
          <Way
            title="Open a Git repository"
            text="See what Flux would build of a local folder, while you edit it. Needs no cluster."
            action={
              <Button size="large" icon="repo" onClick={() => void openFolder()}>
                Open a Git repository
              </Button>
            }
          />
          <Way
            title="Start the playground"
            text="A real API server and a Git repository on this computer: commit, break, mend, and watch Flux’s loop. About 60 sample objects beside it."
            action={
              isBusy ? (
                <Button size="large" icon="stop" onClick={() => void stopPlayground(false)}>
                  Cancel
                </Button>
              ) : (
                <Button
                  size="large"
                  icon="play"
                  offReason={
                    state === 'stopping' ? 'It is being stopped' : state === 'running' ? 'It runs already' : ''
                  }
                  onClick={() => void startPlayground()}
                >
                  Start the playground
                </Button>
              )
            }
          />
        </div>
        {isBusy && playground !== null && (
          <div className={styles.progress}>
            <ProgressLine label="Starting the playground" step={playground.step} progress={playground.progress} />
          </div>
        )}
        {playground !== null && playground.limitation !== '' && (
          <p className={styles.text}>{manyLines(playground.limitation, 600)}</p>
        )}
        {playground?.error != null && (
          <Banner
            tone="failed"
            shape="failed"
            actions={
              <Button size="small" onClick={() => void startPlayground()}>
                Try again
              </Button>
            }
          >
            <b>{manyLines(playground.error.message, 600)}</b>
            {playground.error.detail !== '' && (
              <pre className={styles.detail}>{manyLines(playground.error.detail, 4000)}</pre>
            )}
            {playground.error.remedy !== '' && <div>{manyLines(playground.error.remedy, 600)}</div>}
          </Banner>
        )}
        {shown.map(({ label, problem }) => (
          <Banner key={`${label} ${problem.message}`} tone="failed" shape="failed">
            <b>{manyLines(problem.message, 600)}</b>
            {problem.detail !== '' && <div>{manyLines(problem.detail, 1000)}</div>}
            {problem.remedy !== '' && <div>{manyLines(problem.remedy, 600)}</div>}
          </Banner>
        ))}
      </div>
    </div>
  )
}

function Way({
  title,
  text,
  action,
}: {
  readonly title: string
  readonly text: string
  readonly action: ReactElement
}): ReactElement {
  return (
    <section className={styles.way} aria-label={title}>
      <p>{text}</p>
      {action}
    </section>
  )
}
