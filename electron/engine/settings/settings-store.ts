/**
 * settings/: what the user chose, kept on this machine. Knows the blob store and the list of kubeconfig files; must not know clusters.
 * Paths are shown to people, never taken from the window (security.md 7).
 */
import type { Settings } from '../../../shared/model/app.ts'
import { defaultHistoryDays, defaultHistoryMegabytes } from '../../../shared/model/history.ts'
import type { EditorId } from '../../../shared/model/repository.ts'
import { editorIds } from '../../../shared/model/repository.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import type { Dispose, KubeFileInfo, Ports } from '../ports.ts'
import { StoredJson } from './stored-json.ts'

interface StoredSettings {
  readonly version: 1
  readonly theme: Settings['theme']
  readonly notifications: boolean
  readonly owner: string | null
  readonly readOnlyContexts: Readonly<Record<string, boolean>>
  readonly alwaysAskContexts: Readonly<Record<string, boolean>>
  readonly dryRunContexts: Readonly<Record<string, boolean>>
  readonly editor: EditorId
  readonly usesSopsKeys: boolean
  readonly keepsRunning: boolean
  readonly historyDays: number
  readonly historyMegabytes: number
}

const defaults: StoredSettings = {
  version: 1,
  theme: 'system',
  notifications: true,
  owner: null,
  readOnlyContexts: {},
  alwaysAskContexts: {},
  dryRunContexts: {},
  editor: 'vscode',
  // SECURITY: private keys are read only where the user said so.
  usesSopsKeys: false,
  keepsRunning: false,
  historyDays: defaultHistoryDays,
  historyMegabytes: defaultHistoryMegabytes,
}

export class SettingsStore {
  /** Resolves when the stored settings are in force; never rejects. */
  readonly loaded: Promise<void>
  readonly #file: StoredJson<StoredSettings>
  readonly #userName: string
  readonly #listeners = new Set<(settings: Settings) => void>()
  #stored = defaults
  #files: readonly KubeFileInfo[] = []

  constructor(ports: Pick<Ports, 'store' | 'logger' | 'environment'>) {
    this.#userName = ports.environment.userName
    this.#file = new StoredJson(ports, 'settings.json')
    this.loaded = this.#file.read(parseSettings).then((stored) => {
      this.#stored = stored ?? defaults
      this.#tell()
    })
  }

  current(): Settings {
    const { theme, notifications, owner, editor, usesSopsKeys, keepsRunning } = this.#stored
    const { readOnlyContexts, alwaysAskContexts, dryRunContexts, historyDays, historyMegabytes } = this.#stored
    return {
      key: 'settings',
      theme,
      notifications,
      kubeconfigFiles: this.#files
        .filter((file) => file.isAdded)
        .map(({ id, label, problem }) => ({ id, label, problem })),
      readOnlyContexts,
      alwaysAskContexts,
      dryRunContexts,
      owner: owner ?? this.#userName,
      editor,
      usesSopsKeys,
      keepsRunning,
      historyDays,
      historyMegabytes,
    }
  }

  watch(listener: (settings: Settings) => void): Dispose {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  async update(change: {
    readonly theme?: Settings['theme'] | undefined
    readonly notifications?: boolean | undefined
    readonly owner?: string | undefined
    readonly editor?: EditorId | undefined
    readonly usesSopsKeys?: boolean | undefined
    readonly keepsRunning?: boolean | undefined
    readonly historyDays?: number | undefined
    readonly historyMegabytes?: number | undefined
  }): Promise<void> {
    await this.loaded
    const { theme, notifications, owner, editor, usesSopsKeys, keepsRunning, historyDays, historyMegabytes } = change
    await this.#set({
      ...this.#stored,
      ...(theme === undefined ? {} : { theme }),
      ...(notifications === undefined ? {} : { notifications }),
      ...(editor === undefined ? {} : { editor }),
      ...(usesSopsKeys === undefined ? {} : { usesSopsKeys }),
      ...(keepsRunning === undefined ? {} : { keepsRunning }),
      ...(historyDays === undefined ? {} : { historyDays }),
      ...(historyMegabytes === undefined ? {} : { historyMegabytes }),
      // An emptied field goes back to the name of the operating system's user.
      ...(owner === undefined ? {} : { owner: owner.trim() === '' ? null : owner.trim() }),
    })
  }

  async setReadOnly(context: ContextId, isReadOnly: boolean): Promise<void> {
    await this.loaded
    await this.#set({ ...this.#stored, readOnlyContexts: { ...this.#stored.readOnlyContexts, [context]: isReadOnly } })
  }

  async setAlwaysAsk(context: ContextId, isAlwaysAsk: boolean): Promise<void> {
    await this.loaded
    await this.#set({
      ...this.#stored,
      alwaysAskContexts: { ...this.#stored.alwaysAskContexts, [context]: isAlwaysAsk },
    })
  }

  /** False: drift in this context is found without dry-runs, by lists and watches alone. */
  async setDryRuns(context: ContextId, isOn: boolean): Promise<void> {
    await this.loaded
    await this.#set({ ...this.#stored, dryRunContexts: { ...this.#stored.dryRunContexts, [context]: isOn } })
  }

  setFiles(files: readonly KubeFileInfo[]): void {
    this.#files = files
    this.#tell()
  }

  async dispose(): Promise<void> {
    this.#listeners.clear()
    await this.#file.settled()
  }

  async #set(stored: StoredSettings): Promise<void> {
    this.#stored = stored
    this.#tell()
    await this.#file.write(stored)
  }

  #tell(): void {
    const settings = this.current()
    for (const listener of this.#listeners) listener(settings)
  }
}

function parseSettings(value: unknown): StoredSettings | null {
  if (typeof value !== 'object' || value === null) return null
  const { theme, notifications, owner, editor, usesSopsKeys, ...rest } = value as Record<string, unknown>
  return {
    version: 1,
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    notifications: notifications !== false,
    owner: typeof owner === 'string' ? owner : null,
    readOnlyContexts: choices(rest['readOnlyContexts']),
    alwaysAskContexts: choices(rest['alwaysAskContexts']),
    dryRunContexts: choices(rest['dryRunContexts']),
    editor: editorIds.find((id) => id === editor) ?? 'vscode',
    usesSopsKeys: usesSopsKeys === true,
    keepsRunning: rest['keepsRunning'] === true,
    historyDays: wholeNumber(rest['historyDays'], defaultHistoryDays),
    historyMegabytes: wholeNumber(rest['historyMegabytes'], defaultHistoryMegabytes),
  }
}

/** A file that somebody edited never means that everything goes. */
function wholeNumber(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 ? value : otherwise
}

/** Keys come from kubeconfig files: a record without prototype, so that none of them means anything else. */
function choices(value: unknown): Record<string, boolean> {
  const result = Object.create(null) as Record<string, boolean>
  if (typeof value !== 'object' || value === null) return result
  for (const [key, choice] of Object.entries(value)) if (typeof choice === 'boolean') result[key] = choice
  return result
}
