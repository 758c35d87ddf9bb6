/**
 * Feature settings: what the person decides about the application and its contexts. Every change goes to the engine at once and comes
 * back over settings.watch and contexts.watch; nothing is kept here. Files are named only by ids that the host gave.
 */
import { useEffect, useId, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { AppInfo, Settings } from '../../../shared/model/app.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { copyText, forgetKubeconfig, pickKubeconfig, updateSettings } from '../../stores/actions.ts'
import { callHost } from '../../stores/host.ts'
import { selectSettings, settingsStore } from '../../stores/settings.ts'
import { Button, IconButton, Segmented } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { Switch } from '../../ui/switch/switch.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { compactFieldClass } from '../../ui/text-field/text-field.tsx'
import { SkeletonRows } from '../../ui/view-state/view-state.tsx'
import { ContextsTable } from './contexts-table.tsx'
import { HistorySection } from './history-section.tsx'
import { EditorSection } from './editor-section.tsx'
import { NotificationSection } from './notification-section.tsx'
import { PlaygroundSection } from './playground-section.tsx'
import { Section } from './settings-section.tsx'
import { SourcesSection } from './sources-section.tsx'
import styles from './settings.module.css'

export function SettingsView(): ReactElement {
  const settings = useStore(settingsStore, selectSettings)
  const [info, setInfo] = useState<AppInfo | null>(null)
  useEffect(() => {
    const controller = new AbortController()
    void callHost('app.info', {}, controller.signal).then((result) => {
      if (result.ok) setInfo(result.value)
    })
    return () => controller.abort()
  }, [])
  return (
    <>
      <header className={styles.bar}>
        <h1 className={styles.title}>Settings</h1>
      </header>
      <div className={styles.scroll}>
        {settings === null ? (
          <SkeletonRows label="Loading settings" />
        ) : (
          <div className={styles.sections}>
            <General settings={settings} />
            <NotificationSection settings={settings} />
            <Files settings={settings} info={info} />
            <EditorSection settings={settings} />
            <Repositories settings={settings} />
            <Section
              title="Contexts"
              note="Read only lets nothing but reads leave. Always ask opens a dialog instead of moving a gate at once. Without dry-runs drift is compared structure by structure, approximately. Hosted: this machine does the work of Flux’s controllers, once you have seen what that means."
            >
              <ContextsTable />
            </Section>
            <SourcesSection />
            <HistorySection settings={settings} />
            <PlaygroundSection />
            {info !== null && <About info={info} />}
          </div>
        )}
      </div>
    </>
  )
}

const themes: readonly { readonly value: Settings['theme']; readonly label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

function General({ settings }: { readonly settings: Settings }): ReactElement {
  const id = useId()
  const [owner, setOwner] = useState(settings.owner)
  const save = (): void => {
    if (owner.trim() !== settings.owner) void updateSettings({ owner: owner.trim() })
  }
  return (
    <Section title="General">
      <div className={styles.row}>
        <span className={styles.label}>Theme</span>
        <Segmented
          label="Theme"
          value={settings.theme}
          options={themes}
          onChange={(theme) => void updateSettings({ theme })}
        />
      </div>
      <div className={styles.row}>
        <span className={styles.label}>Tray</span>
        <Switch
          label="Keep Sluice running in the tray when its window is closed"
          isOn={settings.keepsRunning === true}
          onChange={(keepsRunning) => void updateSettings({ keepsRunning })}
        />
        <span className={styles.hint}>
          Keep Sluice running in the tray when its window is closed: drift is watched on, and hosted mode goes on with
          its work.
        </span>
      </div>
      <div className={styles.row}>
        <label className={styles.label} htmlFor={id}>
          Owner
        </label>
        <input
          id={id}
          className={classNames(compactFieldClass, styles.input)}
          value={owner}
          maxLength={253}
          placeholder="The user of the kubeconfig"
          onChange={(event) => setOwner(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.key === 'Enter') save()
          }}
        />
        <span className={styles.hint}>Written as sluice.dev/suspended-by when you close a gate.</span>
      </div>
    </Section>
  )
}

function Repositories({ settings }: { readonly settings: Settings }): ReactElement {
  const label = 'Use my SOPS keys when rendering local folders'
  return (
    <Section title="Repositories">
      <div className={styles.row}>
        <span className={styles.label}>SOPS keys</span>
        <Switch
          label={label}
          isOn={settings.usesSopsKeys}
          onChange={(usesSopsKeys) => void updateSettings({ usesSopsKeys })}
        />
        <span className={styles.hint}>
          {label}: found where sops looks, read once something encrypted is met; what they decrypt stays hidden until
          you reveal it.
        </span>
      </div>
    </Section>
  )
}

function Problem({ error }: { readonly error: SluiceErrorData }): ReactElement {
  return (
    <div className={styles.problem} role="alert">
      <Icon name="alert" size={14} />
      <div>
        {manyLines(error.message, 1000)}
        {error.detail !== '' && <div className={styles.hint}>{manyLines(error.detail, 1000)}</div>}
        {error.remedy !== '' && <div className={styles.hint}>{manyLines(error.remedy, 600)}</div>}
      </div>
    </div>
  )
}

/** Files from KUBECONFIG and ~/.kube, and those that the person added. */
function Files({ settings, info }: { readonly settings: Settings; readonly info: AppInfo | null }): ReactElement {
  const added = new Set(settings.kubeconfigFiles.map((file) => file.label))
  const found = (info?.kubeconfigs ?? []).filter((file) => !added.has(file.label))
  return (
    <Section title="Kubeconfig files" note="Read, never written. Changes on disk are picked up.">
      <ul className={styles.files} aria-label="Kubeconfig files">
        {found.map((file) => (
          <li key={file.label}>
            <div className={styles.file}>
              <Icon name="file" size={14} />
              <span className={styles.path}>{oneLine(file.label)}</span>
              <span className={styles.hint}>from the environment</span>
            </div>
            {file.problem !== null && <Problem error={file.problem} />}
          </li>
        ))}
        {settings.kubeconfigFiles.map((file) => (
          <li key={file.id}>
            <div className={styles.file}>
              <Icon name="file" size={14} />
              <span className={styles.path}>{oneLine(file.label)}</span>
              <Button
                size="small"
                aria-label={`Forget ${file.label}`}
                className={styles.end}
                onClick={() => void forgetKubeconfig(file.id)}
              >
                Forget
              </Button>
            </div>
            {file.problem !== null && <Problem error={file.problem} />}
          </li>
        ))}
        {found.length === 0 && settings.kubeconfigFiles.length === 0 && <li className={styles.hint}>None found.</li>}
      </ul>
      <div>
        <Button icon="plus" onClick={() => void pickKubeconfig()}>
          Add a file…
        </Button>
      </div>
    </Section>
  )
}

function About({ info }: { readonly info: AppInfo }): ReactElement {
  const separator = info.dataDir.includes('\\') ? '\\' : '/'
  const facts: readonly (readonly [string, string, boolean])[] = [
    ['Sluice', info.version, false],
    ['Electron', info.electron, false],
    ['Node', info.node, false],
    ['Platform', info.platform, false],
    ['Data', info.dataDir, true],
    ['History', [info.dataDir, 'history', 'history.db'].join(separator), true],
    ['Cache', info.cacheDir, true],
  ]
  return (
    <Section title="About" note="No telemetry. Logs stay on this computer.">
      <dl className={styles.about}>
        {facts.map(([label, value, isPath]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="selectable">
              <span className={isPath ? styles.path : undefined}>{oneLine(value)}</span>
              {isPath && (
                <IconButton
                  icon="copy"
                  size="small"
                  label={`Copy the path: ${label}`}
                  onClick={() => void copyText(value, 'Path')}
                />
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
