/** Logs of the tree's pods, and of the controllers filtered to the object: chosen, followed, searched, copied. */
import { useEffect, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import type { Access, LogTarget } from '../../../shared/model/detail.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { callHost } from '../../stores/host.ts'
import { Button } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { LogView } from './log-view.tsx'
import type { LogChoice } from './log-view.tsx'
import pageStyles from './object-page.module.css'
import styles from './logs-tab.module.css'

interface Targets {
  readonly targets: readonly LogTarget[]
  readonly isTruncated: boolean
}

const idOf = (target: LogTarget): string => `${target.role}:${target.namespace}/${target.pod}`

export function LogsTab({
  reference,
  access,
}: {
  readonly reference: ObjectRef
  readonly access: Access
}): ReactElement {
  const key = refKey(reference)
  const [round, setRound] = useState(0)
  const [found, setFound] = useState<Targets | null>(null)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const [targetId, setTargetId] = useState('')
  const [container, setContainer] = useState('')
  const [isPrevious, setPrevious] = useState(false)

  useEffect(() => {
    const controller = new AbortController()
    void callHost('logs.targets', { ref: reference }, controller.signal).then((result) => {
      if (controller.signal.aborted) return
      setFound(result.ok ? result.value : null)
      setError(result.ok ? null : result.error)
    })
    return () => controller.abort()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the reference
  }, [key, round])

  const targets = found?.targets ?? []
  const target = targets.find((each) => idOf(each) === targetId) ?? targets[0]
  const regular = target?.containers.find((each) => !each.isInit) ?? target?.containers[0]
  const chosen = target?.containers.find((each) => each.name === container) ?? regular
  const choice = useMemo(
    (): LogChoice | null =>
      target === undefined
        ? null
        : {
            role: target.role,
            namespace: target.namespace,
            pod: target.pod,
            container: chosen?.name ?? '',
            isPrevious: isPrevious && target.role === 'pod',
          },
    [target, chosen?.name, isPrevious],
  )

  if (!access.isAllowed && access.reason !== '')
    return (
      <ViewState shape="forbidden" title="You may not read logs here">
        {manyLines(access.reason, 1000)}
      </ViewState>
    )
  if (error !== null)
    return (
      <ViewState
        shape={error.code === 'Forbidden' ? 'forbidden' : 'failed'}
        title="The pods could not be found"
        detail={manyLines(error.detail, 2000)}
        actions={<Button onClick={() => setRound(round + 1)}>Try again</Button>}
      >
        {manyLines(error.message, 2000)}
      </ViewState>
    )
  if (found === null) return <SkeletonRows label="Looking for pods" />
  if (target === undefined || choice === null)
    return (
      <ViewState
        shape="empty"
        title="No pods"
        actions={<Button onClick={() => setRound(round + 1)}>Look again</Button>}
      >
        Nothing in this tree runs, and no controller of the cluster was found.
      </ViewState>
    )
  const pods = targets.filter((each) => each.role === 'pod')
  const controllers = targets.filter((each) => each.role === 'controller')
  return (
    <LogView
      key={JSON.stringify(choice)}
      reference={reference}
      choice={choice}
      source={
        <>
          <select
            className={styles.select}
            aria-label="Pod"
            value={idOf(target)}
            onChange={(event) => {
              setTargetId(event.target.value)
              setContainer('')
            }}
          >
            {pods.length > 0 && (
              <optgroup label="Pods of the tree">
                {pods.map((each) => (
                  <option key={idOf(each)} value={idOf(each)}>
                    {`${each.namespace}/${each.pod}`}
                  </option>
                ))}
              </optgroup>
            )}
            {controllers.length > 0 && (
              <optgroup label="Controllers, this object only">
                {controllers.map((each) => (
                  <option key={idOf(each)} value={idOf(each)}>
                    {`${each.namespace}/${each.pod}`}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
          {target.containers.length > 1 && (
            <select
              className={styles.select}
              aria-label="Container"
              value={chosen?.name ?? ''}
              onChange={(event) => setContainer(event.target.value)}
            >
              {target.containers.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.isInit ? `${each.name} (init)` : each.name}
                </option>
              ))}
            </select>
          )}
          {target.role === 'pod' && (
            <Checkbox label="Previous" checked={isPrevious} onChange={() => setPrevious(!isPrevious)}>
              Previous
            </Checkbox>
          )}
          {found.isTruncated && <span className={pageStyles.faint}>the first {targets.length} pods</span>}
        </>
      }
    />
  )
}
