/** How far it is: stages, what is waited for, whether workloads moved; and its end. Closing it ends nothing. */
import { useEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { HandOverStage, HandOverStageName, HandOverState } from '../../../shared/model/hand-over.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { cancelHandOver } from '../../stores/hand-over.ts'
import { openView } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { BoxedList, Named, PlanSection } from '../../ui/plan/plan-lists.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { Problem } from './problem.tsx'
import styles from './hand-over.module.css'

const stageTitles: Readonly<Record<HandOverStageName, string>> = {
  commit: 'Commit to the repository',
  definitions: 'Install definitions',
  controllers: 'Install controllers',
  ready: 'Controllers run and wait',
  sources: 'source-controller fetches every source',
  kustomizations: 'kustomize-controller adopts every Kustomization',
  rest: 'All controllers are ready',
  sync: 'Flux reads itself from Git',
}
const stageShapes: Readonly<Record<HandOverStage['state'], StatusShape>> = {
  waiting: 'waiting',
  running: 'progressing',
  done: 'ready',
  failed: 'failed',
}
const titles: Readonly<Record<HandOverState['state'], (name: string) => string>> = {
  running: (name) => `Moving Flux into ${name}`,
  undoing: (name) => `Taking Flux out of ${name} again`,
  done: (name) => `Flux runs in ${name}`,
  failed: (name) => `Flux was not moved into ${name}`,
  canceled: (name) => `Canceled: Sluice goes on hosting ${name}`,
}

export function ProgressDialog({
  state,
  name,
  onClose,
  onAgain,
}: {
  readonly state: HandOverState
  readonly name: string
  readonly onClose: () => void
  readonly onAgain: () => void
}): ReactElement {
  const [problem, setProblem] = useState<SluiceErrorData | null>(null)
  const leave = useRef<HTMLButtonElement>(null)
  // A button that goes takes the focus with it, and with the focus the dialog's keys.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) leave.current?.focus()
  }, [state.state, state.isCancelable])
  const { hasTakenOver } = state
  const title =
    state.state === 'failed' && hasTakenOver ? `Flux runs in ${name}, but not all is done` : titles[state.state](name)
  const seeControllers = (): void => {
    onClose()
    openView('overview')
  }
  return (
    <Dialog
      title={title}
      subtitle={<span className="muted">{subtitleOf(state, hasTakenOver)}</span>}
      size="plan"
      onCancel={onClose}
      foot={
        <DialogEnd>
          {state.isCancelable ? (
            <Button onClick={() => void cancelHandOver(state.context).then(setProblem)}>Cancel and undo</Button>
          ) : null}
          {state.endedAt === null ? (
            <Button ref={leave} variant="primary" keys="Escape" data-first-focus="" onClick={onClose}>
              Go on in the background
            </Button>
          ) : (
            <>
              <Button
                ref={leave}
                keys="Escape"
                {...(state.state === 'done' ? {} : { 'data-first-focus': '' })}
                onClick={onClose}
              >
                Close
              </Button>
              {state.state === 'done' ? (
                <Button variant="primary" data-first-focus="" onClick={seeControllers}>
                  See the controllers
                </Button>
              ) : hasTakenOver && !state.stages.some(({ name: of }) => of === 'sync') ? null : (
                <Button variant="primary" onClick={onAgain}>
                  Plan it again…
                </Button>
              )}
            </>
          )}
        </DialogEnd>
      }
    >
      {problem === null ? null : <Problem error={problem} />}
      {state.error === null ? null : <Problem error={state.error} />}
      <ol className={styles.stages} aria-label="Stages">
        {state.stages.map((stage) => (
          <li key={stage.name} className={styles.stage} data-state={stage.state}>
            <StatusMark shape={stageShapes[stage.state]} />
            <span>
              <span className={styles.stageTitle}>{stageTitles[stage.name]}</span>
              {stage.message === '' ? null : <span className="muted">{manyLines(stage.message, 300)}</span>}
            </span>
            <span className={styles.counts}>
              {stage.total > 0 && stage.state !== 'waiting'
                ? `${stage.done.toLocaleString()} of ${stage.total.toLocaleString()}`
                : ''}
            </span>
          </li>
        ))}
      </ol>
      {state.pending.length > 0 && state.endedAt === null ? (
        <PlanSection title="Waiting for">
          <BoxedList label="Waiting for">
            {state.pending.map(({ ref, why }) => (
              <Named key={refKey(ref)} subject={ref} why={why} />
            ))}
          </BoxedList>
        </PlanSection>
      ) : null}
      {state.moved.length > 0 ? (
        <PlanSection title={`${formatCountOf(state.moved.length, 'object was', 'objects were')} changed meanwhile`}>
          <BoxedList label="Changed meanwhile">
            {state.moved.slice(0, 200).map((ref) => (
              <Named key={refKey(ref)} subject={ref} why="generation, or what the controller owns" />
            ))}
          </BoxedList>
        </PlanSection>
      ) : null}
      {state.state === 'done' && state.moved.length === 0 ? (
        <Banner tone="ok" shape="ready">
          {state.watched === 0
            ? 'There were no workloads to look at.'
            : `${formatCountOf(state.watched, 'object was', 'objects were')} looked at before and after: none was changed.`}{' '}
          <span className="muted">Hosted mode is off for this context. You can close Sluice.</span>
        </Banner>
      ) : null}
    </Dialog>
  )
}

function subtitleOf({ state }: HandOverState, hasTakenOver: boolean): string {
  if (state === 'running')
    return hasTakenOver
      ? 'Flux has taken over. This dialog may be closed.'
      : 'This dialog may be closed; Sluice has to go on running until Flux has taken over.'
  if (state === 'undoing') return 'Its controllers are taken away; Sluice then goes on hosting.'
  if (state === 'failed')
    return hasTakenOver ? 'Flux has taken over what Sluice reconciled.' : 'It was undone: Sluice goes on hosting.'
  return ''
}
