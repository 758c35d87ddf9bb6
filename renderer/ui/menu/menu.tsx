/** Menus: a button's drop-down and a context menu share one list of entries, each with its key and, when off, its reason. */
import { Menu as BaseMenu } from '@base-ui/react/menu'
import type { ReactElement } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import { Keys } from '../kbd/kbd.tsx'
import { tooltip } from '../tooltip/tooltip.tsx'
import styles from './menu.module.css'

export type MenuEntry =
  | {
      readonly label: string
      readonly icon?: IconName
      readonly keys?: string
      /** Why it is off; '' or absent: it is live. */
      readonly offReason?: string
      /** Draws a tick: a choice that stays. */
      readonly isChecked?: boolean
      readonly onSelect: () => void
    }
  | 'rule'

/** `trigger` is a button element; it receives aria-haspopup and aria-expanded. */
export function Menu({
  trigger,
  entries,
  label,
  align = 'end',
}: {
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly entries: readonly MenuEntry[]
  readonly label?: string
  readonly align?: 'start' | 'end'
}): ReactElement {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner className={styles.positioner} sideOffset={4} align={align}>
          <BaseMenu.Popup className={styles.menu} aria-label={label}>
            <MenuItems entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}

/** The entries of a menu, however it was opened. */
export function MenuItems({ entries }: { readonly entries: readonly MenuEntry[] }): ReactElement {
  return (
    <>
      {entries.map((entry, index) =>
        entry === 'rule' ? (
          // Rules have no identity but their place.
          <BaseMenu.Separator key={`rule-${index}`} className={styles.rule} />
        ) : (
          <BaseMenu.Item
            key={entry.label}
            className={classNames(styles.item, isOff(entry) && styles.off)}
            aria-disabled={isOff(entry) || undefined}
            aria-description={entry.offReason === '' ? undefined : entry.offReason}
            closeOnClick={entry.isChecked === undefined && !isOff(entry)}
            {...(entry.isChecked === undefined ? {} : { role: 'menuitemcheckbox', 'aria-checked': entry.isChecked })}
            {...tooltip(entry.offReason)}
            onClick={() => {
              if (!isOff(entry)) entry.onSelect()
            }}
          >
            {entry.isChecked !== undefined ? (
              <Icon name="check" size={14} {...(entry.isChecked ? {} : { className: styles.hidden })} />
            ) : entry.icon === undefined ? null : (
              <Icon name={entry.icon} size={14} />
            )}
            <span className={styles.label}>{entry.label}</span>
            {entry.keys === undefined ? null : <Keys keys={entry.keys} />}
          </BaseMenu.Item>
        ),
      )}
    </>
  )
}

function isOff(entry: Exclude<MenuEntry, 'rule'>): boolean {
  return entry.offReason !== undefined && entry.offReason !== ''
}
