/** Switching hosted mode on: what it does, what it never does, what was found in the cluster; started by the digest of just that. */
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { HostedLease, HostingPlan } from '../../../shared/model/hosting.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { selectContextsOnly } from '../../stores/actions.ts'
import { contextsStore, findContext, selectSelectedContexts } from '../../stores/contexts.ts'
import { startHosting } from '../../stores/hosting-actions.ts'
import { openView } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { useHostingPlan } from './use-hosting-plan.ts'
import styles from './hosting.module.css'

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
          ? 'Tick first that you mean a production context'
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
  return (
    <Dialog
      title={`Host ${name} from this machine`}
      subtitle={
        <span className={styles.where}>
          Hosted mode for the context
          <span className={styles.chip}>
            {name}
            {plan?.isProduction === true ? <span className={styles.production}>production</span> : null}
          </span>
        </span>
      }
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <DialogEnd>
          <Button keys="Escape" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            keys="Mod+Enter"
            data-first-focus=""
            offReason={isBusy ? 'Being switched on' : offReason}
            aria-busy={isBusy || undefined}
            onClick={() => void confirm()}
          >
            {plan === null || plan.hosted === 0
              ? 'Switch on'
              : `Switch on, ${countOf(plan.hosted, 'object', 'objects')}`}
          </Button>
        </DialogEnd>
      }
    >
      {plan === null && state.isLoading ? (
        <div className={styles.looking} role="status">
          <StatusMark shape="progressing" />
          Looking for controllers, leases and definitions…
        </div>
      ) : null}
      {state.error === null ? null : (
        <Problem error={state.error}>
          {row?.isSelected === false ? (
            <Button size="small" onClick={select}>
              Select {name}
            </Button>
          ) : null}
          <Button size="small" icon="reconcile" onClick={state.again}>
            Look again
          </Button>
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
              <Button size="small" icon="reconcile" onClick={state.again}>
                Look again
              </Button>
            </Problem>
          )}
          {refused === null ? null : (
            <Problem error={refused}>
              {refused.code === 'PlanMoved' ? null : (
                <Button size="small" icon="reconcile" onClick={state.again}>
                  Look again
                </Button>
              )}
            </Problem>
          )}
          {plan.found.length > 0 ? (
            <Banner tone="suspended" shape="suspended">
              <b className={styles.medium}>Flux’s own controllers are there.</b>{' '}
              <span className={styles.muted}>Sluice writes nothing until they are gone.</span>
            </Banner>
          ) : null}
          <Sentences title="What it does" texts={plan.notes} icon="check" />
          <Sentences title="What it never does" texts={never} icon="close" />
          <PlanFacts plan={plan} />
          {plan.missingDefinitions.length > 0 ? (
            <Names
              title={`${countOf(plan.missingDefinitions.length, 'definition', 'definitions')} will be installed`}
              names={plan.missingDefinitions}
            />
          ) : null}
          {plan.notHosted.length > 0 ? <NotHosted plan={plan} /> : null}
          {plan.isProduction ? (
            <Checkbox
              label={productionText(name)}
              checked={isProductionSeen}
              onChange={() => setProductionSeen(!isProductionSeen)}
            >
              {productionText(name)}
            </Checkbox>
          ) : null}
          <p className={styles.digest}>
            <Icon name="shield-check" size={14} />
            <span>
              Plan <span className="sha">{plan.digest.slice(0, 15)}</span>. It is refused if controllers, leases or
              definitions have moved since.
            </span>
          </p>
        </>
      )}
    </Dialog>
  )
}

function productionText(name: string): string {
  return `I mean it: ${name} looks like production.`
}

/** `1 object`, `42 objects`. */
function countOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`
}

function Problem({ error, children }: { readonly error: SluiceErrorData; readonly children: ReactNode }): ReactElement {
  return (
    <Banner tone="failed" shape={error.code === 'ReadOnlyContext' ? 'forbidden' : 'failed'} actions={children}>
      <span className={styles.problemTitle}>{manyLines(error.message, 1000)}</span>
      {error.detail === '' ? null : <span className={styles.problemText}>{manyLines(error.detail, 1000)}</span>}
      {error.remedy === '' ? null : <span className={styles.problemText}>{manyLines(error.remedy, 600)}</span>}
    </Banner>
  )
}

function Sentences({
  title,
  texts,
  icon,
}: {
  readonly title: string
  readonly texts: readonly string[]
  readonly icon: 'check' | 'close'
}): ReactElement {
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.sentences}>
        {texts.map((text) => (
          <li key={text}>
            <Icon name={icon} size={12} />
            <span>{manyLines(text, 600)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function PlanFacts({ plan }: { readonly plan: HostingPlan }): ReactElement {
  const notHosted = plan.notHosted.length
  return (
    <dl className={styles.facts} aria-label="What was found">
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
        {plan.hosted === 0 ? 'none to reconcile yet' : `${countOf(plan.hosted, 'is', 'are')} reconciled`}
        {plan.suspended > 0 ? `, ${plan.suspended.toLocaleString()} of them suspended` : ''}
        {notHosted > 0 ? `; ${countOf(notHosted, 'is', 'are')} not hosted` : ''}
      </Fact>
    </dl>
  )
}

function definitionsText({ definitions, definitionsFrom, missingDefinitions }: HostingPlan): string {
  const count = missingDefinitions.length.toLocaleString()
  if (definitions === 'present') return 'all there'
  return definitions === 'program'
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

function Fact({
  label,
  shape,
  children,
}: {
  readonly label: string
  readonly shape: StatusShape
  readonly children: ReactNode
}): ReactElement {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <StatusMark shape={shape} />
        <span>{children}</span>
      </dd>
    </>
  )
}

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }): ReactElement {
  return (
    <details className={styles.more}>
      <summary>{title}</summary>
      <ul className={styles.names}>
        {names.map((name) => (
          <li key={name} className="mono">
            {oneLine(name, 253)}
          </li>
        ))}
      </ul>
    </details>
  )
}

function NotHosted({ plan }: { readonly plan: HostingPlan }): ReactElement {
  return (
    <details className={styles.more}>
      <summary>{countOf(plan.notHosted.length, 'object is', 'objects are')} not hosted</summary>
      <ul className={styles.notHosted} aria-label="Not hosted">
        {plan.notHosted.map(({ ref, why }) => (
          <li key={refKey(ref)}>
            <KindBadge kind={ref.kind} group={ref.group} />
            <span className="clip" {...clippedTooltip(refTitle(ref))}>
              {oneLine(refTitle(ref), 300)}
            </span>
            <span className={styles.muted}>{oneLine(why, 300)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
