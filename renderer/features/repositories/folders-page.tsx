/** The folders that were opened before, and the ways to open another: the native dialog, or a path that is confirmed by it. */
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import type { RepositoryRow } from '../../../shared/model/repository.ts'
import { forgetFolder, openFolder, openFolderAt, openPlace } from '../../stores/repositories.ts'
import type { KeyedStream } from '../../stores/keyed-stream.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner, SkeletonRows } from '../../ui/view-state/view-state.tsx'
import styles from './repositories.module.css'

/** The place of this page, which is otherwise left for the folder shown last. */
export const allFolders = 'folders'

export function FoldersPage({
  folders,
  isUnknown,
}: {
  readonly folders: KeyedStream<RepositoryRow>
  /** A link named a folder that was never opened here. */
  readonly isUnknown: boolean
}): ReactElement {
  const rows = [...folders.items.values()].sort((a, b) => b.openedAt - a.openedAt)
  return (
    <>
      <header className="viewbar">
        <h1>Repositories</h1>
        <span className="sub">
          {rows.length === 0 ? '' : rows.length === 1 ? '1 folder' : `${rows.length} folders`}
        </span>
      </header>
      <div className={styles.foldersScroll}>
        <div className={styles.folders}>
          {isUnknown ? (
            <Banner tone="unknown" shape="not-installed">
              This link names a folder that was not opened on this computer.
            </Banner>
          ) : null}
          {folders.error !== null ? (
            <Banner tone="failed" shape="failed">
              {manyLines(folders.error.message, 600)}
            </Banner>
          ) : null}
          <section className={styles.intro} aria-label="Open a repository">
            <Icon name="repo" size={22} />
            <h2>{rows.length === 0 ? 'Open a folder with manifests' : 'Open another folder'}</h2>
            <p>
              Every Flux Kustomization in it is built here as kustomize-controller builds it, and again whenever a file
              is saved. No cluster is needed, nothing is written, no program is run.
            </p>
            <div className={styles.introWays}>
              <Button variant="primary" size="large" icon="folder" onClick={() => void openFolder()}>
                Open a folder…
              </Button>
              <PathField />
            </div>
          </section>
          {!folders.isReady ? (
            <SkeletonRows label="Loading folders" count={4} />
          ) : rows.length === 0 ? null : (
            <ul className={styles.folderList} aria-label="Folders">
              {rows.map((row) => (
                <li key={row.key}>
                  <button type="button" className={styles.folder} onClick={() => openPlace({ repository: row.key })}>
                    <Icon name="folder" />
                    <b className="clip">{oneLine(row.name, 200)}</b>
                    <span className={styles.folderPath} {...clippedTooltip(row.folder)}>
                      {oneLine(row.folder, 500)}
                    </span>
                    <span className={styles.faint}>
                      <Age at={row.openedAt} suffix=" ago" />
                    </span>
                  </button>
                  <IconButton
                    icon="trash"
                    size="small"
                    label={`Forget ${row.name}`}
                    onClick={() => void forgetFolder(row.key, row.name)}
                  />
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </>
  )
}

function PathField(): ReactElement {
  const id = useId()
  const [path, setPath] = useState('')
  const [isBusy, setBusy] = useState(false)
  const open = async (): Promise<void> => {
    if (path.trim() === '' || isBusy) return
    setBusy(true)
    await openFolderAt(path.trim())
    setBusy(false)
  }
  return (
    <span className={styles.pathField}>
      <label htmlFor={id} className="visually-hidden">
        Path of a folder
      </label>
      <input
        id={id}
        value={path}
        maxLength={4096}
        spellCheck={false}
        placeholder="or paste a path: ~/fleet"
        onChange={(event) => setPath(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void open()
        }}
      />
      <Button
        size="large"
        offReason={path.trim() === '' ? 'Type or paste the path of a folder first' : ''}
        onClick={() => void open()}
      >
        Open
      </Button>
    </span>
  )
}
