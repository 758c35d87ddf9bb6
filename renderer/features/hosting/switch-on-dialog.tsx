/** Switching hosted mode on: what it does, what it never does, what was found in the cluster; started by the digest of just that. */
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { HostedLease, HostingPlan } from '../../../shared/model/hosting.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { selectContextsOnly } from '../../stores/actions.ts'
import { contextsStore, findContext, selectSelectedContexts } from '../../stores/contexts.ts'
import { startHosting } from '../../stores/hosting-actions.ts'
import { openView } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { ContextChip, Looking, DigestLine, Where } from '../../ui/plan/plan-lines.tsx'
import { Fact, Facts, Folded, Named, PlanSection, Sentences } from '../../ui/plan/plan-lists.tsx'
import { ProblemBanner } from '../../ui/plan/problem-banner.tsx'
import { ReleaseFields } from '../../ui/plan/release-fields.tsx'
import { productionOffReason, ProductionTick } from '../../ui/plan/ticks.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { useHostingPlan } from './use-hosting-plan.ts'
import styles from './hosting.module.css'

const bounds = { message: 1000, detail: 1000, remedy: 600 }

const never = [
  'Act beside a controller: it steps back as soon as one is there, and says who it was.',
  'Half the work: what it cannot do whole is “not hosted”, and nothing is written to it.',
  'Contact a host that only the cluster named, before you allow it.',
] as const

export function SwitchOnDialog({
  context,
  onClose,
}: {
  readonly context: ContextId
  readonly onClose: () => void
}): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const row = findContext(contexts, context)
  const name = oneLine(row?.name ?? context, 200)
  const state = useHostingPlan(context)
  const { plan } = state
  const [isProductionSeen, setProductionSeen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refused, setRefused] = useState<SluiceErrorData | null>(null)
  const refusal = plan?.refusal ?? null
  const offReason =
    plan === null
      ? state.isLoading
        ? 'The cluster is being looked at'
        : 'There is no plan'
      : refusal !== null
        ? refusal.message
        : plan.isProduction && !isProductionSeen
          ? productionOffReason
          : ''
  const confirm = async (): Promise<void> => {
    if (plan === null || offReason !== '' || isBusy) return
    setBusy(true)
    const error = await startHosting(context, plan.digest)
    setBusy(false)
    setRefused(error)
    if (error === null) {
      onClose()
      openView('hosting')
    } else if (error.code === 'PlanMoved' || error.code === 'PlanUnknown') state.again()
  }
  const select = (): void => {
    const selected = selectSelectedContexts(contexts).map(({ key }) => key)
    void selectContextsOnly([...selected, context]).then(state.again)
  }
  const openSettings = (): void => {
    onClose()
    openView('settings')
  }
  const lookAgain = (
    <Button size="small" icon="reconcile" onClick={state.again}>
      Look again
    </Button>
  )
  return (
    <Dialog
      title={`Host ${name} from this machine`}
      subtitle={
        <Where>
          Hosted mode for the context
          <ContextChip name={name} isProduction={plan?.isProduction === true} />
        </Where>
      }
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <ConfirmFoot
          label={
            plan === null || plan.hosted === 0
              ? 'Switch on'
              : `Switch on, ${formatCountOf(plan.hosted, 'object', 'objects')}`
          }
          offReason={offReason}
          busyReason="Being switched on"
          isBusy={isBusy}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      {plan === null && state.isLoading ? <Looking>Looking for controllers, leases and definitions…</Looking> : null}
      {state.error === null ? null : (
        <Problem error={state.error}>
          {row?.isSelected === false ? (
            <Button size="small" onClick={select}>
              Select {name}
            </Button>
          ) : null}
          {lookAgain}
          {state.release === null ? null : (
            <Button size="small" onClick={state.leaveRelease}>
              Without the release
            </Button>
          )}
        </Problem>
      )}
      {plan === null ? null : (
        <>
          {refusal === null ? null : (
            <Problem error={refusal}>
              {refusal.code === 'ReadOnlyContext' ? (
                <Button size="small" icon="settings" onClick={openSettings}>
                  Open Settings
                </Button>
              ) : null}
              {lookAgain}
            </Problem>
          )}
          {refused === null ? null : (
            <Problem error={refused}>{refused.code === 'PlanMoved' ? null : lookAgain}</Problem>
          )}
          {plan.found.length > 0 ? (
            <Banner tone="suspended" shape="suspended">
              <b className="medium">Flux’s own controllers are there.</b>{' '}
              <span className="muted">Sluice writes nothing until they are gone.</span>
            </Banner>
          ) : null}
          <PlanSection title="What it does">
            <Sentences texts={plan.notes} icon="check" />
          </PlanSection>
          <PlanSection title="What it never does">
            <Sentences texts={never} icon="close" />
          </PlanSection>
          <PlanFacts plan={plan} />
          {plan.missingDefinitions.length > 0 ? (
            <Folded
              title={`${formatCountOf(plan.missingDefinitions.length, 'definition', 'definitions')} will be installed`}
              isShort
            >
              {plan.missingDefinitions.map((definition) => (
                <li key={definition} className={classNames('mono', styles.definition)}>
                  {oneLine(definition, 253)}
                </li>
              ))}
            </Folded>
          ) : null}
          {plan.missingDefinitions.length > 0 ? (
            <details className={styles.release} open={state.release !== null}>
              <summary>Take Flux’s own definitions from a release</summary>
              <ReleaseFields host={plan.releaseHost} onDownload={state.takeRelease} />
            </details>
          ) : null}
          {plan.notHosted.length > 0 ? (
            <Folded
              title={`${formatCountOf(plan.notHosted.length, 'object is', 'objects are')} not hosted`}
              label="Not hosted"
              isShort
            >
              {plan.notHosted.map(({ ref, why }) => (
                <Named key={refKey(ref)} subject={ref} why={why} max={300} />
              ))}
            </Folded>
          ) : null}
          {plan.isProduction ? (
            <ProductionTick
              context={name}
              isTicked={isProductionSeen}
              onTick={() => setProductionSeen(!isProductionSeen)}
            />
          ) : null}
          <DigestLine digest={plan.digest}>
            . It is refused if controllers, leases or definitions have moved since.
          </DigestLine>
        </>
      )}
    </Dialog>
  )
}

function Problem({ error, children }: { readonly error: SluiceErrorData; readonly children: ReactNode }): ReactElement {
  return (
    <ProblemBanner
      error={error}
      bounds={bounds}
      shape={error.code === 'ReadOnlyContext' ? 'forbidden' : 'failed'}
      actions={children}
    />
  )
}

function PlanFacts({ plan }: { readonly plan: HostingPlan }): ReactElement {
  const notHosted = plan.notHosted.length
  return (
    <Facts label="What was found">
      {plan.leases.map((lease) => (
        <Fact key={lease.name} label={`Lease of ${lease.controller}`} shape={leaseLook(lease)}>
          {leaseText(lease)}
        </Fact>
      ))}
      <Fact label="Namespace" shape={plan.isNamespaceCreated ? 'not-installed' : 'ready'}>
        {oneLine(plan.namespace, 253)}
        {plan.isNamespaceCreated ? ', will be created' : ''}
      </Fact>
      <Fact label="Controllers" shape={plan.found.length === 0 ? 'ready' : 'suspended'}>
        {plan.found.length === 0 ? 'none found' : plan.found.map(({ text }) => oneLine(text, 200)).join('; ')}
      </Fact>
      <Fact label="Definitions" shape={plan.definitions === 'present' ? 'ready' : 'not-installed'}>
        {definitionsText(plan)}
      </Fact>
      <Fact label="Objects" shape="ready">
        {plan.hosted === 0 ? 'none to reconcile yet' : `${formatCountOf(plan.hosted, 'is', 'are')} reconciled`}
        {plan.suspended > 0 ? `, ${plan.suspended.toLocaleString()} of them suspended` : ''}
        {notHosted > 0 ? `; ${formatCountOf(notHosted, 'is', 'are')} not hosted` : ''}
      </Fact>
    </Facts>
  )
}

function definitionsText({ definitions, definitionsFrom, missingDefinitions }: HostingPlan): string {
  const count = missingDefinitions.length.toLocaleString()
  if (definitions === 'present') return 'all there'
  if (definitions === 'left') return 'some are missing; none is installed beside controllers'
  return definitions === 'own'
    ? `${count} missing, Flux’s own from ${oneLine(definitionsFrom, 200)}`
    : `${count} missing, made from Sluice’s own tables`
}

function leaseLook({ holder, isOurs }: HostedLease): StatusShape {
  return holder === '' || isOurs ? 'ready' : 'waiting'
}

function leaseText({ holder, isOurs, namespace, name }: HostedLease): string {
  const place = `${namespace}/${name}`
  if (holder === '') return `${place}, free`
  return isOurs ? `${place}, held by this machine` : `${place}, held by ${oneLine(holder, 120)}`
}
