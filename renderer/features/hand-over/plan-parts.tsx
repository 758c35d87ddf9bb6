/** What a hand-over plan says: the facts at a glance, the lists behind them folded. */
import type { ReactElement } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { HandOverPlan } from '../../../shared/model/hand-over.ts'
import type { InstalledObject } from '../../../shared/model/installed-object.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { Fact, Facts, Folded, Named, Sentences } from '../../ui/plan/plan-lists.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './hand-over.module.css'

const beginWords = {
  waiting: 'at once; waits for its lease',
  first: 'at once',
  last: 'when the hand-over is done',
} as const

const actionShapes: Readonly<Record<InstalledObject['action'], StatusShape>> = {
  created: 'ready',
  changed: 'progressing',
  unchanged: 'empty',
}

export function PlanParts({ plan }: { readonly plan: HandOverPlan }): ReactElement {
  const { objects, components, sources, kustomizations, notWaitedFor, suspended, begins, beginCount } = plan
  const count = (action: InstalledObject['action']): number => objects.filter((each) => each.action === action).length
  const modes = suspended.filter(({ mode }) => mode !== 'automatic').length
  return (
    <>
      <Facts label="What it would do">
        <Fact label="Manifests" shape="ready">
          {plan.manifests.version === '' ? 'version unknown' : oneLine(plan.manifests.version, 60)}, from{' '}
          {oneLine(plan.manifests.label, 300)}
        </Fact>
        <Fact label="Namespace" shape="ready">
          {oneLine(plan.namespace, 253)}
        </Fact>
        {objects.length === 0 ? null : (
          <Fact label="Objects" shape="ready">
            {count('created').toLocaleString()} created, {count('changed').toLocaleString()} changed,{' '}
            {count('unchanged').toLocaleString()} left as they are
          </Fact>
        )}
        <Fact label="Full rights for" shape={plan.clusterAdmins.length === 0 ? 'ready' : 'waiting'}>
          {plan.clusterAdmins.length === 0
            ? 'nobody'
            : `${plan.clusterAdmins.map((name) => oneLine(name, 100)).join(', ')} (cluster-admin)`}
        </Fact>
        <Fact label="Sources" shape="ready">
          {sources.length === 0
            ? 'none has an artifact yet'
            : `${formatCountOf(sources.length, 'is', 'are')} fetched anew by source-controller`}
        </Fact>
        <Fact label="Kustomizations" shape="ready">
          {kustomizations.length === 0
            ? 'none is Ready now'
            : `${formatCountOf(kustomizations.length, 'is', 'are')} adopted`}
          {suspended.length > 0 ? `; ${suspended.length.toLocaleString()} suspended, and so they stay` : ''}
          {modes > 0 ? ` (${modes.toLocaleString()} manual or held)` : ''}
        </Fact>
        <Fact label="Begins to run" shape={beginCount === 0 ? 'ready' : 'waiting'}>
          {beginCount === 0
            ? 'nothing else'
            : `${formatCountOf(beginCount, 'object', 'objects')} that hosted mode does not run`}
        </Fact>
      </Facts>
      <Sentences texts={plan.notes} icon="check" />
      <Folded title={`${formatCountOf(components.length, 'controller', 'controllers')} and their images`} isOpen>
        {components.map(({ name, image, begins: when }) => (
          <li key={name} className={styles.component}>
            <span className="medium">{oneLine(name, 100)}</span>
            <span className="muted">{beginWords[when]}</span>
            <span className={styles.mono}>{oneLine(image, 300)}</span>
          </li>
        ))}
      </Folded>
      {objects.length === 0 ? null : (
        <Folded title={formatCountOf(objects.length, 'object', 'objects')}>
          {objects.map(({ kind, namespace, name, action }) => (
            <li key={`${kind}/${name}`} className={styles.object}>
              <StatusMark shape={actionShapes[action]} size={12} />
              <span className="muted">{action}</span>
              <span className="clip" {...clippedTooltip(`${kind} ${refTitle({ namespace, name })}`)}>
                {oneLine(kind, 60)} {oneLine(refTitle({ namespace, name }), 253)}
              </span>
            </li>
          ))}
        </Folded>
      )}
      {begins.length === 0 ? null : (
        <Folded title={`${formatCountOf(beginCount, 'object begins', 'objects begin')} to run`}>
          {begins.map((each) => (
            <Named key={refKey(each.ref)} subject={each.ref} why={each.why} />
          ))}
        </Folded>
      )}
      {suspended.length === 0 ? null : (
        <Folded title={`${formatCountOf(suspended.length, 'object stays', 'objects stay')} suspended`}>
          {suspended.map(({ ref, mode }) => (
            <Named key={refKey(ref)} subject={ref} why={mode === 'automatic' ? 'suspended' : `mode ${mode}`} />
          ))}
        </Folded>
      )}
      {notWaitedFor.length === 0 ? null : (
        <Folded title={`${formatCountOf(notWaitedFor.length, 'object is', 'objects are')} not waited for`} isOpen>
          {notWaitedFor.map((each) => (
            <Named key={refKey(each.ref)} subject={each.ref} why={each.why} />
          ))}
        </Folded>
      )}
    </>
  )
}
