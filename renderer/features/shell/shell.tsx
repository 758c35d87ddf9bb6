/**
 * The frame of every view: title bar, rail, main region, status bar, palette and shortcuts. Knows the views only by what the registry
 * says of them. Measures: interface.md, Regions.
 */
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import type { ViewEntry } from '../../app/views.tsx'
import { useCommands } from '../../stores/commands.ts'
import { closeDialog, dialogsStore, openDialog } from '../../stores/dialogs.ts'
import { goBack, goForward } from '../../stores/navigation.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { StatusBar } from './status-bar.tsx'
import { TitleBar } from './title-bar.tsx'
import styles from './shell.module.css'

export function Shell({
  views,
  title,
  hasRail,
  dock = null,
  children,
}: {
  readonly views: readonly ViewEntry[]
  /** Name of what fills the main region. */
  readonly title: string
  readonly hasRail: boolean
  /** Below the main region, whatever view that shows. */
  readonly dock?: ReactNode
  readonly children: ReactNode
}): ReactElement {
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const isShortcutsOpen = useStore(dialogsStore, (state) => state.open?.kind === 'shortcuts')
  useCommands({
    palette: () => setPaletteOpen((isOpen) => !isOpen),
    shortcuts: () => openDialog({ kind: 'shortcuts' }),
    back: goBack,
    forward: goForward,
  })
  return (
    <div className={classNames(styles.window, !hasRail && styles.bare)}>
      <TitleBar views={views} title={title} onPalette={() => setPaletteOpen(true)} />
      {hasRail ? <Rail views={views} /> : null}
      <main className={styles.main} aria-label={title}>
        {children}
      </main>
      {dock}
      <StatusBar />
      {isPaletteOpen ? <Palette views={views} onClose={() => setPaletteOpen(false)} /> : null}
      {isShortcutsOpen ? <ShortcutsDialog onClose={closeDialog} /> : null}
    </div>
  )
}
