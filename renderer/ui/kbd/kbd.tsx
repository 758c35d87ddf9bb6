/** Keys as the keyboard's own caps: `Mod+K` shows Ctrl K, on a Mac ⌘ K. */
import type { ReactElement } from 'react'
import styles from './kbd.module.css'

const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.userAgent)
const words: Readonly<Record<string, string>> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  Shift: '⇧',
  Alt: isMac ? '⌥' : 'Alt',
  Enter: '⏎',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
}

/** The caps of one key combination written `Mod+Shift+k`. */
export function keyCaps(keys: string): readonly string[] {
  const parts = keys.split('+')
  // A letter alone is pressed without Shift: it stands as it is typed.
  return parts.map((part) => words[part] ?? (parts.length === 1 && part.length === 1 ? part.toLowerCase() : part))
}

export function Keys({ keys }: { readonly keys: string }): ReactElement {
  const caps = keyCaps(keys)
  const isJoined = caps.length === 2 && caps[0] === '⇧'
  return (
    <span className={styles.keys} aria-hidden="true">
      {(isJoined ? [caps.join('').toUpperCase()] : caps).map((cap) => (
        <kbd key={cap} className={styles.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  )
}
