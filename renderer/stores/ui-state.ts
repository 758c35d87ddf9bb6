/**
 * State of the window itself: columns, sorting, tabs, panel sizes, the time range. The host keeps it as an opaque text (`uiState.save`);
 * here it has a version and a migration. A text that cannot be read is forgotten, never an error.
 */
import { createStore } from 'zustand/vanilla'
import { onConnect } from './host.ts'

export interface ListState {
  readonly sortColumn: string
  readonly isDescending: boolean
  /** Columns that the person hid or showed against the default: id → shown. */
  readonly columns: Readonly<Record<string, boolean>>
}

export interface UiState {
  /** Loaded from the host, or known to be absent. Views wait for it, so that nothing is drawn twice. */
  readonly isLoaded: boolean
  readonly lists: Readonly<Record<string, ListState>>
  /** Last tab of an object page by kind. */
  readonly tabs: Readonly<Record<string, string>>
  /** Sizes of resizable panels, px. */
  readonly panels: Readonly<Record<string, number>>
  readonly overviewRange: '1h' | '24h' | '7d'
  /** Where the window was last, a `sluice://` path; '' for Overview. */
  readonly lastPath: string
  readonly isPreviewOpen: boolean
  /** When history was last looked at, ms; 0: never. */
  readonly lookedAt: number
}

const version = 1
const saveDelayMs = 400
const maxSavedBytes = 128 * 1024

const defaults: UiState = {
  isLoaded: false,
  lists: {},
  tabs: {},
  panels: {},
  overviewRange: '24h',
  lastPath: '',
  isPreviewOpen: false,
  lookedAt: 0,
}

export const uiStore = createStore<UiState>(() => defaults)

function record<V>(value: unknown, read: (entry: unknown) => V | null): Record<string, V> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const result: Record<string, V> = {}
  for (const [key, entry] of Object.entries(value).slice(0, 500)) {
    const read_ = read(entry)
    if (read_ !== null) result[key] = read_
  }
  return result
}

function readList(value: unknown): ListState | null {
  if (typeof value !== 'object' || value === null) return null
  const { sortColumn, isDescending, columns } = value as Record<string, unknown>
  if (typeof sortColumn !== 'string' || typeof isDescending !== 'boolean') return null
  return { sortColumn, isDescending, columns: record(columns, (entry) => (typeof entry === 'boolean' ? entry : null)) }
}

/** Reads a saved text of any version; what it does not know or understand falls back to the default. */
export function migrateUiState(text: string | null): Omit<UiState, 'isLoaded'> {
  const { isLoaded: _, ...fallback } = defaults
  if (text === null) return fallback
  let saved: unknown
  try {
    saved = JSON.parse(text)
  } catch {
    return fallback
  }
  if (typeof saved !== 'object' || saved === null) return fallback
  const value = saved as Record<string, unknown>
  if (typeof value['version'] !== 'number' || value['version'] > version) return fallback
  const range = value['overviewRange']
  return {
    lists: record(value['lists'], readList),
    tabs: record(value['tabs'], (entry) => (typeof entry === 'string' ? entry : null)),
    panels: record(value['panels'], (entry) => (typeof entry === 'number' && Number.isFinite(entry) ? entry : null)),
    overviewRange: range === '1h' || range === '7d' ? range : '24h',
    lastPath: typeof value['lastPath'] === 'string' ? value['lastPath'] : '',
    isPreviewOpen: value['isPreviewOpen'] === true,
    lookedAt: typeof value['lookedAt'] === 'number' && Number.isFinite(value['lookedAt']) ? value['lookedAt'] : 0,
  }
}

onConnect((bridge) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false
  void bridge.call('uiState.load', {}).then((result) => {
    if (isStopped) return
    // A link may have led somewhere already: that is where the window was last, whatever was saved before.
    const { lastPath } = uiStore.getState()
    const saved = migrateUiState(result.ok ? result.value.text : null)
    uiStore.setState({ ...saved, ...(lastPath === '' ? {} : { lastPath }), isLoaded: true })
    if (lastPath !== '' && lastPath !== saved.lastPath) saveSoon()
  })
  const saveNow = (): void => {
    clearTimeout(timer)
    timer = undefined
    const { isLoaded, ...state } = uiStore.getState()
    const text = JSON.stringify({ version, ...state })
    if (isLoaded && text.length < maxSavedBytes) void bridge.call('uiState.save', { text })
  }
  const saveSoon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(saveNow, saveDelayMs)
  }
  const unsubscribe = uiStore.subscribe((state, before) => {
    if (before.isLoaded && state.isLoaded) saveSoon()
  })
  // A window that closes right after a change takes the change along.
  const saveBeforeEnd = (): void => {
    if (timer !== undefined) saveNow()
  }
  window.addEventListener('pagehide', saveBeforeEnd)
  return () => {
    isStopped = true
    clearTimeout(timer)
    window.removeEventListener('pagehide', saveBeforeEnd)
    unsubscribe()
    uiStore.setState(defaults, true)
  }
})
