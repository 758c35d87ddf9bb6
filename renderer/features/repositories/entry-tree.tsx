/** Kustomizations of the folder as a tree of what declares what, and its kustomization files as a tree of what includes what. */
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { RepositoryEntry } from '../../../shared/model/repository.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import { TreeGrid } from '../../ui/tree/tree-grid.tsx'
import { visibleRows } from '../../ui/tree/tree-rows.ts'
import { declaring, entryTitle, including, rowsOf, standOf } from './entry-model.ts'
import type { EntryRow, RepositoryContent } from './entry-model.ts'
import styles from './repositories.module.css'

export type EntryGroup = 'kustomizations' | 'files'

export function EntryTree({
  content,
  group,
  onGroup,
  current,
  onOpen,
}: {
  readonly content: RepositoryContent
  readonly group: EntryGroup
  readonly onGroup: (group: EntryGroup) => void
  readonly current: string
  readonly onOpen: (entry: RepositoryEntry) => void
}): ReactElement {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const items = useMemo(
    () => (group === 'kustomizations' ? rowsOf(content.kustomizations, declaring) : rowsOf(content.files, including)),
    [content, group],
  )
  const rows = useMemo(() => visibleRows(items, (item) => !folded.has(item.id)), [items, folded])
  return (
    <section className={styles.tree} aria-label="Entries">
      <div className={styles.paneHead}>
        <Segmented
          label="Entries"
          value={group}
          options={[
            { value: 'kustomizations', label: `Kustomizations ${content.kustomizations.length.toLocaleString()}` },
            { value: 'files', label: `Files ${content.files.length.toLocaleString()}` },
          ]}
          onChange={onGroup}
        />
      </div>
      <TreeGrid<EntryRow>
        label={group === 'kustomizations' ? 'Flux Kustomizations' : 'Kustomization files'}
        rows={rows}
        template="minmax(0, 1fr) 62px"
        treeHeader={group === 'kustomizations' ? 'Kustomization' : 'Directory'}
        treeCell={(item) => <EntryName entry={item.entry} />}
        columns={[
          { id: 'objects', header: 'Objects', align: 'end', cell: (item) => <EntryCount entry={item.entry} /> },
        ]}
        rowLabel={(item) => entryLabel(item.entry)}
        cursor={current === '' ? null : current}
        onCursor={(item) => onOpen(item.entry)}
        onOpen={(item) => onOpen(item.entry)}
        onToggle={(item, isExpanded) =>
          setFolded((before) => {
            const next = new Set(before)
            if (isExpanded) next.delete(item.id)
            else next.add(item.id)
            return next
          })
        }
      />
    </section>
  )
}

function entryLabel(entry: RepositoryEntry): string {
  const { word } = standOf(entry)
  return [
    entryTitle(entry),
    word,
    entry.state === 'ready' ? formatCountOf(entry.objectCount, 'object') : '',
    entry.changedCount > 0 ? `${entry.changedCount} changed` : '',
    entry.isSuspended ? 'suspended' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function EntryName({ entry }: { readonly entry: RepositoryEntry }): ReactElement {
  const { shape, word } = standOf(entry)
  const about = [
    entryTitle(entry),
    word,
    entry.error?.message ?? entry.note,
    `${entry.file}${entry.line > 0 ? `:${entry.line}` : ''}`,
  ]
  return (
    <span
      className={styles.entryName}
      {...tooltip(
        about
          .filter((part) => part !== '')
          .map((part) => oneLine(part, 200))
          .join('\n'),
      )}
    >
      <StatusMark shape={shape} />
      {entry.kind === 'kustomization' ? (
        <span className="clip">{oneLine(entry.name, 253)}</span>
      ) : (
        // The end of a path tells more than its beginning.
        <span className={styles.directory}>
          <bdi>{oneLine(entry.name, 500)}</bdi>
        </span>
      )}
      {entry.namespace === '' || entry.namespace === 'flux-system' ? null : (
        <span className={styles.faint}>{oneLine(entry.namespace, 120)}</span>
      )}
      {entry.isSuspended ? <StatusMark word="Suspended" size={12} /> : null}
    </span>
  )
}

function EntryCount({ entry }: { readonly entry: RepositoryEntry }): ReactElement | null {
  if (entry.changedCount > 0)
    return (
      <span
        className={styles.changed}
        {...tooltip(`${formatCountOf(entry.changedCount, 'object')} changed by the last save`)}
      >
        ± {entry.changedCount.toLocaleString()}
      </span>
    )
  return entry.state === 'ready' ? <span className="num">{entry.objectCount.toLocaleString()}</span> : null
}
