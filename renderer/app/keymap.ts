/**
 * The keyboard, in one table: what tooltips, menus, the palette and the `?` overlay show is read from here, and so is what a key does.
 * A key without a modifier never changes a cluster: it opens a plan.
 */
export type CommandId =
  | 'palette'
  | 'shortcuts'
  | 'back'
  | 'forward'
  | 'filter'
  | 'next'
  | 'previous'
  | 'extendNext'
  | 'extendPrevious'
  | 'open'
  | 'preview'
  | 'select'
  | 'selectAll'
  | 'gate'
  | 'reconcile'
  | 'reconcileWithSource'
  | 'drift'
  | 'history'
  | 'planPreview'
  | 'nextTab'
  | 'previousTab'
  | 'nextChange'
  | 'previousChange'
  | 'nextLines'
  | 'previousLines'
  | 'openInEditor'
  | 'escape'

export interface KeyBinding {
  readonly command: CommandId
  /** Combinations written `Mod+Shift+K`; `Mod` is Ctrl, on a Mac ⌘. The first is the one shown. */
  readonly keys: readonly string[]
  readonly label: string
  readonly group: 'Everywhere' | 'Lists' | 'Objects'
  /** Works while the focus is in a text field. */
  readonly isWhileTyping?: boolean
}

export const keymap: readonly KeyBinding[] = [
  {
    command: 'palette',
    keys: ['Mod+K'],
    label: 'Search objects or run a command',
    group: 'Everywhere',
    isWhileTyping: true,
  },
  { command: 'filter', keys: ['/'], label: 'Filter', group: 'Everywhere' },
  { command: 'back', keys: ['Alt+ArrowLeft'], label: 'Back', group: 'Everywhere' },
  { command: 'forward', keys: ['Alt+ArrowRight'], label: 'Forward', group: 'Everywhere' },
  { command: 'shortcuts', keys: ['?'], label: 'Shortcuts', group: 'Everywhere' },
  { command: 'escape', keys: ['Escape'], label: 'Close, clear, go up', group: 'Everywhere' },
  { command: 'next', keys: ['J', 'ArrowDown'], label: 'Next row', group: 'Lists' },
  { command: 'previous', keys: ['K', 'ArrowUp'], label: 'Previous row', group: 'Lists' },
  { command: 'open', keys: ['Enter'], label: 'Open', group: 'Lists' },
  { command: 'preview', keys: [' '], label: 'Preview the row', group: 'Lists' },
  { command: 'select', keys: ['X'], label: 'Select', group: 'Lists' },
  { command: 'extendNext', keys: ['Shift+J', 'Shift+ArrowDown'], label: 'Extend the selection down', group: 'Lists' },
  { command: 'extendPrevious', keys: ['Shift+K', 'Shift+ArrowUp'], label: 'Extend the selection up', group: 'Lists' },
  { command: 'selectAll', keys: ['Mod+A'], label: 'Select all that the filter shows', group: 'Lists' },
  { command: 'gate', keys: ['S'], label: 'Suspend or resume…', group: 'Objects' },
  { command: 'reconcile', keys: ['R'], label: 'Reconcile…', group: 'Objects' },
  { command: 'reconcileWithSource', keys: ['Shift+R'], label: 'Reconcile with source…', group: 'Objects' },
  { command: 'drift', keys: ['D'], label: 'Show what differs from Git', group: 'Objects' },
  { command: 'history', keys: ['H'], label: 'Show what happened', group: 'Objects' },
  { command: 'planPreview', keys: ['P'], label: 'Preview what applying would do…', group: 'Objects' },
  { command: 'previousTab', keys: ['['], label: 'Previous tab', group: 'Objects' },
  { command: 'nextTab', keys: [']'], label: 'Next tab', group: 'Objects' },
  { command: 'nextChange', keys: ['N'], label: 'Next difference', group: 'Objects' },
  { command: 'previousChange', keys: ['Shift+N'], label: 'Previous difference', group: 'Objects' },
  { command: 'nextLines', keys: ['F7'], label: 'Next lines that differ', group: 'Objects' },
  { command: 'previousLines', keys: ['Shift+F7'], label: 'Previous lines that differ', group: 'Objects' },
  { command: 'openInEditor', keys: ['E'], label: 'Open the file in the editor', group: 'Objects' },
]

/** The combination shown for a command. */
export function keysOf(command: CommandId): string {
  return keymap.find((binding) => binding.command === command)?.keys[0] ?? ''
}

export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** The binding of a key press, null where none matches. Shift counts for letters and named keys, not for signs such as `?`. */
export function bindingOf(press: KeyPress): KeyBinding | null {
  const key = press.key.length === 1 ? press.key.toUpperCase() : press.key
  const isSign = press.key.length === 1 && !/[a-z]/i.test(press.key)
  const parts = [
    press.ctrlKey || press.metaKey ? 'Mod+' : '',
    press.altKey ? 'Alt+' : '',
    press.shiftKey && !isSign ? 'Shift+' : '',
    key,
  ]
  const combination = parts.join('')
  return keymap.find((binding) => binding.keys.includes(combination)) ?? null
}
