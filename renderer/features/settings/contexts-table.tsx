/** Every context: its state, what Sluice may do in it, what to know about it. */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ConnectionState, ContextRow } from '../../../shared/model/rows.ts'
import { retryContext, setAlwaysAsk, setReadOnly } from '../../stores/actions.ts'
import { contextsStore, selectContexts } from '../../stores/contexts.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { setDryRuns } from '../../stores/drift-actions.ts'
import { openHostingDialog } from '../../stores/hosting-actions.ts'
import { hostingOf, hostingStore, hostingWord } from '../../stores/hosting.ts'
import { selectSettings, settingsStore } from '../../stores/settings.ts'
import { Button } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { Switch } from '../../ui/switch/switch.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './settings.module.css'

const connections: Readonly<Record<ConnectionState, { readonly shape: StatusShape; readonly text: string }>> = {
  idle: { shape: 'empty', text: 'not selected' },
  connecting: { shape: 'progressing', text: 'connecting' },
  connected: { shape: 'ready', text: 'connected' },
  unreachable: { shape: 'unreachable', text: 'unreachable' },
  unauthorized: { shape: 'forbidden', text: 'unauthorized' },
  'needs-approval': { shape: 'waiting', text: 'needs your approval' },
  invalid: { shape: 'failed', text: 'invalid' },
}

export function ContextsTable(): ReactElement {
  const contexts = useStore(contextsStore, (state) => selectContexts(state.items))
  if (contexts.length === 0) return <p className={styles.hint}>No kubeconfig names a context yet.</p>
  return (
    <table className={styles.contexts} aria-label="Contexts">
      <thead>
        <tr>
          <th scope="col">Context</th>
          <th scope="col">Server and user</th>
          <th scope="col">State</th>
          <th scope="col">Read only</th>
          <th scope="col">Always ask</th>
          <th scope="col">Dry-runs</th>
          <th scope="col">Hosted</th>
        </tr>
      </thead>
      <tbody>
        {contexts.map((context) => (
          <ContextLine key={context.key} context={context} />
        ))}
      </tbody>
    </table>
  )
}

function ContextLine({ context }: { readonly context: ContextRow }): ReactElement {
  const { shape, text } = connections[context.connection]
  const hasDryRuns = useStore(settingsStore, (state) => selectSettings(state)?.dryRunContexts?.[context.key] !== false)
  const hosting = useStore(hostingStore, (state) => hostingOf(state.items, context.key))
  return (
    <tr aria-label={context.name}>
      <th scope="row">
        <span className={styles.contextName} {...clippedTooltip(context.name)}>
          {oneLine(context.name, 253)}
        </span>
        <span className={styles.hint}>
          {[
            context.isProduction ? 'production' : '',
            context.isPlayground ? 'playground' : '',
            context.fluxVersion === '' ? '' : `Flux ${oneLine(context.fluxVersion, 40)}`,
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </span>
      </th>
      <td>
        <span className={styles.server} {...clippedTooltip(context.server)}>
          {oneLine(context.server, 253)}
        </span>
        <span className={styles.hint} {...clippedTooltip(context.file)}>
          {oneLine(context.user, 120)} · {oneLine(context.file, 200)}
        </span>
        {context.warnings.map((warning) => (
          <span key={warning} className={styles.warning}>
            <Icon name="alert" size={12} />
            {manyLines(warning, 300)}
          </span>
        ))}
      </td>
      <td>
        <span className={styles.connection}>
          <StatusMark shape={shape} />
          {text}
        </span>
        {context.approval !== null && (
          <Button size="small" onClick={() => openDialog({ kind: 'exec', context: context.key })}>
            Review…
          </Button>
        )}
        {context.error !== null && context.approval === null && (
          <>
            <span className={styles.failed}>{manyLines(context.error.message, 300)}</span>
            <Button size="small" onClick={() => void retryContext(context.key)}>
              Try now
            </Button>
          </>
        )}
      </td>
      <td>
        <Switch
          label={`Read only: ${context.name}`}
          isOn={context.isReadOnly}
          onChange={(isOn) => void setReadOnly(context.key, isOn)}
        />
      </td>
      <td>
        <Switch
          label={`Always ask: ${context.name}`}
          isOn={context.isAlwaysAsk}
          onChange={(isOn) => void setAlwaysAsk(context.key, isOn)}
        />
      </td>
      <td>
        <Switch
          label={`Dry-runs: ${context.name}`}
          isOn={hasDryRuns}
          onChange={(isOn) => void setDryRuns(context.key, isOn)}
        />
      </td>
      <td>
        <Switch
          label={`Hosted: ${context.name}`}
          isOn={hosting !== null}
          onChange={(isOn) => openHostingDialog(context.key, isOn)}
        />
        {hosting === null ? null : <span className={styles.hint}>{hostingWord(hosting)}</span>}
      </td>
    </tr>
  )
}
