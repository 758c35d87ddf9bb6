/** Status bar: each selected context's connection, what the engine does, the clock. */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ContextRow } from '../../../shared/model/rows.ts'
import { connectionDetail, connectionShape } from '../../stores/connection.ts'
import { contextsStore, selectSelectedContexts } from '../../stores/contexts.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { useDriftTotals } from '../../stores/drift.ts'
import { hostStore } from '../../stores/host.ts'
import { approvalsStore, hostingShape, hostingStore, hostingWord, selectHostings } from '../../stores/hosting.ts'
import { kindsStore } from '../../stores/kinds.ts'
import { openView } from '../../stores/navigation.ts'
import { operationsStore } from '../../stores/operations.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { useTimeText } from '../../ui/time/clock.ts'
import { formatClock } from '../../ui/time/format-time.ts'
import styles from './shell.module.css'

const maxContexts = 6

export function StatusBar(): ReactElement {
  const selected = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  return (
    <footer className={styles.statusbar} role="status" aria-label="Connections and engine" aria-live="off">
      {selected.slice(0, maxContexts).map((context) => (
        <Connection key={context.key} context={context} />
      ))}
      {selected.length > maxContexts ? <span>and {selected.length - maxContexts} more</span> : null}
      <span className={styles.statusEnd}>
        <Activity />
        <Hosting />
        <Drifted />
        <Clock />
        <button type="button" className={styles.statusButton} onClick={() => openDialog({ kind: 'shortcuts' })}>
          <Icon name="keyboard" size={12} />? for shortcuts
        </button>
      </span>
    </footer>
  )
}

function Connection({ context }: { readonly context: ContextRow }): ReactElement {
  const text = useTimeText((now) => connectionDetail(context, now))
  return (
    <span>
      <StatusMark shape={connectionShape(context)} size={12} />
      {oneLine(context.name, 40)} · {text}
    </span>
  )
}

/** How many objects are not what Git says; leads to them. Nothing while none is known to drift. */
function Drifted(): ReactElement | null {
  const { drifted } = useDriftTotals()
  if (drifted === 0) return null
  return (
    <button type="button" className={styles.statusButton} onClick={() => openView('drift')}>
      <Icon name="drift" size={12} />
      {drifted.toLocaleString()} drifted
    </button>
  )
}

/** Where this machine does Flux's work, how it stands, and what waits for the user; leads to the queue. Nothing while it is off. */
function Hosting(): ReactElement | null {
  const hostings = useStore(hostingStore, (state) => selectHostings(state.items))
  const names = useStore(contextsStore, (state) => state.items)
  const approvals = useStore(approvalsStore, (state) => state.items.size)
  // What does not act is what a person wants to know of.
  const shown = hostings.find(({ state }) => state !== 'active') ?? hostings[0]
  if (shown === undefined) return null
  const name = oneLine(names.get(shown.context)?.name ?? shown.context, 40)
  const more = hostings.length > 1 ? ` and ${hostings.length - 1} more` : ''
  return (
    <button type="button" className={styles.statusButton} onClick={() => openView('hosting')}>
      <StatusMark shape={approvals > 0 ? 'held' : hostingShape(shown)} size={12} />
      Hosting {name}
      {more}
      {shown.state === 'active' ? '' : `: ${hostingWord(shown).toLowerCase()}`}
      {approvals > 0 ? ` · ${approvals.toLocaleString()} to approve` : ''}
    </button>
  )
}

function Activity(): ReactElement {
  const host = useStore(hostStore, (state) => state.state)
  const running = useStore(operationsStore, (state) => {
    let count = 0
    for (const operation of state.items.values())
      if (operation.state === 'running') count += operation.total - operation.done
    return count
  })
  const { compared, owners, failed, checking } = useDriftTotals()
  const loading = useStore(kindsStore, (state) => {
    let count = 0
    for (const kind of state.items.values()) if (kind.state === 'loading') count += 1
    return count
  })
  const text =
    host === 'lost'
      ? 'Engine is being started again'
      : host !== 'connected'
        ? 'Engine is starting'
        : running > 0
          ? `${running} in progress`
          : loading > 0
            ? `Loading ${loading} kinds`
            : checking > 0 && compared + failed < owners
              ? `Comparing ${compared.toLocaleString()} of ${owners.toLocaleString()}`
              : 'Engine idle'
  return (
    <span>
      <Icon name="reconcile" size={12} />
      {text}
    </span>
  )
}

function Clock(): ReactElement {
  const text = useTimeText(formatClock)
  return (
    <span>
      <Icon name="clock" size={12} />
      {text}
    </span>
  )
}
