/** Which manifests, and what they would do: installed objects, who is adopted, what stays suspended, what begins to run. Begun by its digest. */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { HandOverPlan, ManifestsChoice, ManifestsWays, PickedManifests } from '../../../shared/model/hand-over.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { askManifestWays, pickManifests, planHandOver, startHandOver } from '../../stores/hand-over.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { ContextChip, Looking, DigestLine, Where } from '../../ui/plan/plan-lines.tsx'
import { productionOffReason, ProductionTick } from '../../ui/plan/ticks.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { BootstrapForm } from './bootstrap-form.tsx'
import { BootstrapParts } from './bootstrap-parts.tsx'
import { ManifestChoices } from './manifest-choices.tsx'
import { PlanParts } from './plan-parts.tsx'
import { Problem } from './problem.tsx'
import { useBootstrap } from './use-bootstrap.ts'

export interface PlanDialogProps {
  readonly context: ContextId
  readonly name: string
  readonly onClose: () => void
}

interface Planned {
  readonly plan: HandOverPlan | null
  readonly error: SluiceErrorData | null
  readonly isLoading: boolean
}

const nothing: Planned = { plan: null, error: null, isLoading: false }

export function PlanDialog({ context, name, onClose }: PlanDialogProps): ReactElement {
  const [ways, setWays] = useState<ManifestsWays | null>(null)
  const [picked, setPicked] = useState<PickedManifests | null>(null)
  const [choice, setChoice] = useState<ManifestsChoice | null>(null)
  const [round, setRound] = useState(0)
  const { form, isWanted, target } = useBootstrap(context, name)
  const [{ plan, error, isLoading: isAsked }, setPlanned] = useState<Planned>(nothing)
  // From the choice on, not from the request.
  const isFilledIn = !isWanted || target !== null
  const isLoading = isAsked || (choice !== null && isFilledIn && plan === null && error === null)
  const [refused, setRefused] = useState<SluiceErrorData | null>(null)
  const [isProductionSeen, setProductionSeen] = useState(false)
  const [isBusy, setBusy] = useState(false)

  useEffect(() => {
    const controller = new AbortController()
    void askManifestWays(controller.signal).then((answer) => {
      if (controller.signal.aborted) return
      setWays('value' in answer ? answer.value : { program: null, releaseHost: '' })
      if ('value' in answer && answer.value.program?.problem === null) setChoice((now) => now ?? { kind: 'program' })
    })
    return () => controller.abort()
  }, [])

  useEffect(() => {
    if (choice === null || (isWanted && target === null)) {
      // What was planned is not what stands there.
      setPlanned(nothing)
      return undefined
    }
    const controller = new AbortController()
    setPlanned(({ plan: before }) => ({ plan: before, error: null, isLoading: true }))
    void planHandOver(context, choice, target, controller.signal).then((answer) => {
      if (controller.signal.aborted) return
      setPlanned(
        'value' in answer
          ? { plan: answer.value, error: null, isLoading: false }
          : { plan: null, error: answer.error, isLoading: false },
      )
    })
    return () => controller.abort()
  }, [context, choice, isWanted, target, round])

  const again = (): void => setRound((before) => before + 1)
  const choose = (next: ManifestsChoice): void => {
    setRefused(null)
    setPlanned(nothing)
    setChoice(next)
  }
  const pick = async (what: 'file' | 'folder'): Promise<void> => {
    const answer = await pickManifests(what)
    if ('error' in answer) setPlanned({ ...nothing, error: answer.error })
    else if (answer.value !== null) {
      setPicked(answer.value)
      choose({ kind: 'picked', id: answer.value.id })
    }
  }
  const offReason = whyOff(plan, isLoading, isFilledIn, isProductionSeen)
  const confirm = async (): Promise<void> => {
    if (plan === null || offReason !== '' || isBusy) return
    setBusy(true)
    const problem = await startHandOver(context, plan.digest)
    setBusy(false)
    setRefused(problem)
    if (problem?.code === 'PlanMoved' || problem?.code === 'PlanUnknown') again()
  }
  return (
    <Dialog
      title={`Move Flux into ${name}`}
      subtitle={
        <Where>
          Hand-over of the context
          <ContextChip name={name} isProduction={plan?.isProduction === true} />
        </Where>
      }
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <ConfirmFoot
          label={labelOf(plan)}
          offReason={offReason}
          busyReason="It begins"
          isBusy={isBusy}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      <p className="muted">
        Flux’s own controllers are installed, take over what Sluice reconciles, and go on without this machine.
        Workloads are not touched.
      </p>
      <ManifestChoices
        ways={ways}
        picked={picked}
        choice={choice}
        onChoose={choose}
        onPick={(what) => void pick(what)}
      />
      <BootstrapForm {...form} />
      {isLoading ? (
        <Looking>
          {isWanted
            ? 'Reading the manifests and the repository, and asking the cluster what they would change…'
            : 'Reading the manifests and asking the cluster what they would change…'}
        </Looking>
      ) : null}
      {error === null ? null : <Problem error={error} onAgain={again} />}
      {refused === null ? null : <Problem error={refused} onAgain={again} />}
      {plan === null ? null : (
        <>
          {plan.refusal === null ? null : <Problem error={plan.refusal} onAgain={again} />}
          <PlanParts plan={plan} />
          {plan.bootstrap === null ? null : (
            <BootstrapParts context={context} digest={plan.digest} plan={plan.bootstrap} />
          )}
          {plan.isProduction ? (
            <ProductionTick
              context={name}
              isTicked={isProductionSeen}
              onTick={() => setProductionSeen(!isProductionSeen)}
            />
          ) : null}
          <DigestLine digest={plan.digest}>
            {plan.bootstrap === null
              ? '. It is refused if the manifests, or what they would change, have moved since.'
              : '. It is refused if the manifests, the branch, or what they would change, have moved since.'}
          </DigestLine>
        </>
      )}
    </Dialog>
  )
}

function labelOf(plan: HandOverPlan | null): string {
  if (plan === null || plan.manifests.version === '') return 'Move to the cluster'
  const version = oneLine(plan.manifests.version, 40)
  const push = (plan.bootstrap?.commits.length ?? 0) > 0
  if (plan.isInstalled) return push ? 'Push, and let Flux read it' : 'Let Flux read it'
  return push ? `Push, install Flux ${version} and hand over` : `Install Flux ${version} and hand over`
}

function whyOff(plan: HandOverPlan | null, isLoading: boolean, isFilledIn: boolean, isProductionSeen: boolean): string {
  if (isLoading) return 'The cluster is being asked'
  if (!isFilledIn) return 'Fill in the bootstrap first'
  if (plan === null) return 'Choose manifests first'
  if (plan.refusal !== null) return plan.refusal.message
  return plan.isProduction && !isProductionSeen ? productionOffReason : ''
}
