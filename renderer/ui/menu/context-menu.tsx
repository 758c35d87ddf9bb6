/** A menu at the pointer, or at what has the focus when it is asked for by the keyboard. */
import { ContextMenu as BaseContextMenu } from '@base-ui/react/context-menu'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { MenuItems } from './menu.tsx'
import type { MenuEntry } from './menu.tsx'
import styles from './menu.module.css'

/** `children` is the element that it is asked for on; `entries` is called while the menu is open. */
export function ContextMenu({
  label,
  entries,
  children,
}: {
  readonly label: string
  readonly entries: () => readonly MenuEntry[]
  readonly children: ReactElement<Record<string, unknown>>
}): ReactElement {
  const [isOpen, setOpen] = useState(false)
  return (
    <BaseContextMenu.Root open={isOpen} onOpenChange={setOpen}>
      <BaseContextMenu.Trigger render={children} />
      {isOpen ? (
        <BaseContextMenu.Portal>
          <BaseContextMenu.Positioner className={styles.positioner}>
            <BaseContextMenu.Popup className={styles.menu} aria-label={label}>
              <MenuItems entries={entries()} />
            </BaseContextMenu.Popup>
          </BaseContextMenu.Positioner>
        </BaseContextMenu.Portal>
      ) : null}
    </BaseContextMenu.Root>
  )
}
