/** Title bar: brand, back and forward, breadcrumb, palette button, messages. The system draws its own window buttons over the end. */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { refTitle } from '../../../shared/model/identity.ts'
import { keysOf } from '../../app/keymap.ts'
import type { ViewEntry } from '../../app/views.tsx'
import { viewOfKind } from '../../stores/kind-views.ts'
import { contextsStore, contextsText, selectContexts, selectSelectedContexts } from '../../stores/contexts.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { goBack, goForward, navigationStore, openView } from '../../stores/navigation.ts'
import { operationsStore } from '../../stores/operations.ts'
import { IconButton } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { Keys } from '../../ui/kbd/kbd.tsx'
import { Menu } from '../../ui/menu/menu.tsx'
import type { MenuEntry } from '../../ui/menu/menu.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './shell.module.css'

export function TitleBar({
  views,
  title,
  onPalette,
}: {
  readonly views: readonly ViewEntry[]
  readonly title: string
  readonly onPalette: () => void
}): ReactElement {
  const canGoBack = useStore(navigationStore, (state) => state.back.length > 0)
  const canGoForward = useStore(navigationStore, (state) => state.forward.length > 0)
  return (
    <header className={styles.titlebar}>
      <div className={styles.brand}>
        <Icon name="brand" size={18} />
        <span>Sluice</span>
      </div>
      <div className={styles.titlebarMain}>
        <IconButton
          icon="chevron-left"
          label="Back"
          size="small"
          keys={keysOf('back')}
          offReason={canGoBack ? '' : 'There is nothing to go back to'}
          onClick={goBack}
        />
        <IconButton
          icon="chevron-right"
          label="Forward"
          size="small"
          keys={keysOf('forward')}
          offReason={canGoForward ? '' : 'There is nothing to go forward to'}
          onClick={goForward}
        />
        <Breadcrumb views={views} title={title} />
        <button
          type="button"
          className={styles.paletteButton}
          aria-label="Search objects or run a command"
          aria-keyshortcuts="Control+K"
          onClick={onPalette}
        >
          <Icon name="search" size={14} />
          <span>Search objects or run a command</span>
          <Keys keys={keysOf('palette')} />
        </button>
        <Messages />
      </div>
    </header>
  )
}

function Breadcrumb({ views, title }: { readonly views: readonly ViewEntry[]; readonly title: string }): ReactElement {
  const route = useStore(navigationStore, (state) => state.route)
  const contexts = useStore(contextsStore, (state) => state.items)
  const selected = selectSelectedContexts(contexts)
  const all = selectContexts(contexts)
  const where = selected.length > 1 && selected.length === all.length ? 'All contexts' : contextsText(selected)
  const parent =
    route.page === 'object' ? (views.find((view) => view.name === viewOfKind(route.group, route.kind)) ?? null) : null
  const last = route.page === 'object' ? refTitle(route) : title
  return (
    <nav className={styles.crumbs} aria-label="Breadcrumb">
      {all.length === 0 ? null : (
        <>
          <a href="#overview" onClick={follow(() => openView('overview'))} {...clippedTooltip(oneLine(where))}>
            {oneLine(route.page === 'object' ? (contexts.get(route.context)?.name ?? where) : where, 120)}
          </a>
          <Icon name="chevron-right" size={12} />
        </>
      )}
      {parent === null ? null : (
        <>
          <a href={`#${parent.name}`} onClick={follow(() => openView(parent.name))}>
            {parent.title}
          </a>
          <Icon name="chevron-right" size={12} />
        </>
      )}
      <a aria-current="page" {...clippedTooltip(oneLine(last))}>
        {oneLine(last, 300)}
      </a>
    </nav>
  )
}

/** Links look and sound like links and stay in the window. */
export function follow(go: () => void): (event: { preventDefault: () => void }) => void {
  return (event) => {
    event.preventDefault()
    go()
  }
}

function Messages(): ReactElement {
  const operations = useStore(operationsStore, (state) => state.items)
  const latest = [...operations.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, 12)
  const entries: MenuEntry[] =
    latest.length === 0
      ? [
          {
            label: 'No messages yet',
            icon: 'bell',
            offReason: 'What was asked of a cluster stands here',
            onSelect: () => undefined,
          },
        ]
      : latest.map((operation) => ({
          label: oneLine(`${operation.title} · ${operation.state}`, 70),
          icon: operation.state === 'failed' ? 'alert' : operation.state === 'running' ? 'reconcile' : 'check',
          onSelect: () => openDialog({ kind: 'report', operation: operation.key }),
        }))
  return <Menu label="Messages" trigger={<IconButton icon="bell" label="Messages" />} entries={entries} />
}
