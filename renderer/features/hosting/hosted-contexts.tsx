/** The head of the Hosted view: for each context that it is on for, how it stands, who holds the leases, and how to stop. */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { HostedLease, HostingState } from '../../../shared/model/hosting.ts'
import { retryContext, selectContextsOnly } from '../../stores/actions.ts'
import { contextsStore, findContext, selectSelectedContexts } from '../../stores/contexts.ts'
import { openHandOver } from '../../stores/hand-over.ts'
import { openHostingDialog } from '../../stores/hosting-actions.ts'
import { hostingShape, hostingWord } from '../../stores/hosting.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { StatusMark, StatusText } from '../../ui/status-mark/status-mark.tsx'
import type { AnyStatusWord, StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './hosting.module.css'

/** The word whose colour a state's own word is drawn in. */
const tones: Readonly<Record<HostingState['state'], AnyStatusWord>> = {
  off: 'Unknown',
  starting: 'Progressing',
  waiting: 'Waiting',
  active: 'Ready',
  'stepped-back': 'Suspended',
  disconnected: 'Unreachable',
  failed: 'Failed',
}

export function HostedContexts({ hostings }: { readonly hostings: readonly HostingState[] }): ReactElement {
  return (
    <ul className={styles.hosts} aria-label="Hosted contexts">
      {hostings.map((hosting) => (
        <HostedContext key={hosting.key} hosting={hosting} />
      ))}
    </ul>
  )
}

function HostedContext({ hosting }: { readonly hosting: HostingState }): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const row = findContext(contexts, hosting.context)
  const name = oneLine(row?.name ?? hosting.context, 200)
  const word = hostingWord(hosting)
  const sentence = sentenceOf(hosting)
  // What the sentence says already is not said again.
  const found = hosting.found.filter(({ text }) => !sentence.includes(oneLine(text, 300)))
  const select = (): void => {
    const selected = selectSelectedContexts(contexts).map(({ key }) => key)
    void selectContextsOnly([...selected, hosting.context])
  }
  return (
    <li
      className={styles.host}
      aria-label={name}
      aria-description={[word, sentence].filter((text) => text !== '').join(': ')}
    >
      <div className={styles.hostLine}>
        <StatusMark shape={hostingShape(hosting)} />
        <span className={styles.hostName} {...clippedTooltip(name)}>
          {name}
        </span>
        <StatusText word={tones[hosting.state]}>{word}</StatusText>
        <span className={classNames(styles.muted, styles.sentence)}>{sentence}</span>
        <div className={styles.hostActions}>
          {row?.isSelected === false ? (
            <Button size="small" onClick={select}>
              Select {name}
            </Button>
          ) : null}
          {row?.isSelected === true && hosting.state === 'disconnected' ? (
            <Button size="small" onClick={() => void retryContext(hosting.context)}>
              Try now
            </Button>
          ) : null}
          <Button size="small" aria-label={`Move Flux into ${name}`} onClick={() => openHandOver(hosting.context)}>
            Move to the cluster…
          </Button>
          <Button
            size="small"
            aria-label={`Switch off hosted mode in ${name}`}
            onClick={() => openHostingDialog(hosting.context, false)}
          >
            Switch off…
          </Button>
        </div>
      </div>
      {hosting.leases.length === 0 && hosting.state !== 'active' ? null : (
        <div className={styles.leases}>
          {hosting.leases.map((lease) => (
            <Lease key={lease.name} lease={lease} />
          ))}
          {hosting.state === 'active' ? (
            <span className={styles.counts}>
              {hosting.running.toLocaleString()} running, {hosting.total.toLocaleString()} in the queue · for{' '}
              <Age at={hosting.since} />
            </span>
          ) : null}
        </div>
      )}
      {hosting.state !== 'active' && found.length > 0 ? (
        <ul className={styles.found} aria-label="Controllers that are there">
          {found.map(({ text }) => (
            <li key={text}>{oneLine(text, 300)}</li>
          ))}
        </ul>
      ) : null}
      {hosting.error === null || hosting.error.remedy === '' ? null : (
        <div className={styles.found}>{manyLines(hosting.error.remedy, 600)}</div>
      )}
    </li>
  )
}

/** What stands beside the word; the engine's sentence where it has one. */
function sentenceOf({ state, message, found }: HostingState): string {
  if (message !== '') return oneLine(message, 600)
  if (state === 'active') return 'This machine does the work of source-controller and kustomize-controller.'
  const [first] = found
  return state === 'stepped-back' && first !== undefined ? oneLine(first.text, 300) : ''
}

const leaseShapes: Readonly<Record<HostedLease['state'], StatusShape>> = {
  held: 'ready',
  waiting: 'waiting',
  lost: 'failed',
  released: 'empty',
}

function Lease({ lease }: { readonly lease: HostedLease }): ReactElement {
  const { controller, namespace, name, state, holder, isOurs, renewedAt } = lease
  const who =
    state === 'held' || isOurs
      ? 'held by this machine'
      : holder === ''
        ? 'free'
        : `${state === 'lost' ? 'lost to' : 'held by'} ${oneLine(holder, 80)}`
  return (
    <span
      className={styles.lease}
      {...tooltip(`Lease ${namespace}/${name}${holder === '' ? '' : `, holder ${oneLine(holder, 200)}`}`)}
    >
      <StatusMark shape={leaseShapes[state]} size={12} />
      <span>
        {controller} <span className={styles.muted}>{who}</span>
        {renewedAt === null || holder === '' ? null : (
          <span className={styles.faint}>
            , renewed <Age at={renewedAt} suffix=" ago" />
          </span>
        )}
      </span>
    </span>
  )
}
