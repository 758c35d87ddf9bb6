/** Above a difference: which of its changes stand here and the way to the others, and the search over both whole texts. */
import { useEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { Button, IconButton } from '../ui/button/button.tsx'
import type { DiffEditor, DiffState } from './diff-editor.ts'
import styles from './diff-bar.module.css'

export function DiffBar({
  editor,
  state,
  isFinding,
  onFind,
  onClose,
}: {
  readonly editor: DiffEditor
  readonly state: DiffState
  readonly isFinding: boolean
  readonly onFind: () => void
  readonly onClose: () => void
}): ReactElement {
  const { part, partCount, firstChange, lastChange, changeCount, change } = state
  return (
    <div className={styles.bar} role="group" aria-label="Parts of the difference">
      {partCount > 1 ? (
        <>
          <span role="status">
            {changesText(firstChange, lastChange)} of {changeCount.toLocaleString()}
            {change > 0 ? <span className={styles.faint}> · at {change.toLocaleString()}</span> : null}
          </span>
          <IconButton
            icon="chevron-left"
            size="small"
            label="Previous part"
            offReason={part === 0 ? 'This is the first part' : ''}
            onClick={() => editor.turn(part - 1)}
          />
          <IconButton
            icon="chevron-right"
            size="small"
            label="Next part"
            offReason={part === partCount - 1 ? 'This is the last part' : ''}
            onClick={() => editor.turn(part + 1)}
          />
          <span className={styles.faint}>
            Part {(part + 1).toLocaleString()} of {partCount.toLocaleString()}
          </span>
        </>
      ) : null}
      <div className={styles.end}>
        {isFinding ? (
          <FindField editor={editor} onClose={onClose} />
        ) : (
          <Button variant="quiet" size="small" icon="search" keys="Mod+F" onClick={onFind}>
            Find in both
          </Button>
        )}
      </div>
    </div>
  )
}

function changesText(first: number, last: number): string {
  if (last < first) return 'No change here'
  return first === last
    ? `Change ${first.toLocaleString()}`
    : `Changes ${first.toLocaleString()} to ${last.toLocaleString()}`
}

function FindField({ editor, onClose }: { readonly editor: DiffEditor; readonly onClose: () => void }): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [found, setFound] = useState<{ readonly count: number; readonly isCut: boolean; readonly at: number } | null>(
    null,
  )
  useEffect(() => input.current?.focus(), [])
  useEffect(() => {
    let isGone = false
    void editor.search(text).then((matches) => {
      if (isGone || matches === null) return
      setFound(text === '' ? null : { count: matches.found.length, isCut: matches.isCut, at: 0 })
      if (matches.found.length > 0) editor.showMatch(0)
    })
    return () => {
      isGone = true
    }
  }, [editor, text])
  useEffect(() => () => void editor.search(''), [editor])
  const go = (by: 1 | -1): void => {
    if (found === null || found.count === 0) return
    const at = (found.at + by + found.count) % found.count
    setFound({ ...found, at })
    editor.showMatch(at)
  }
  const none = found === null || found.count === 0 ? 'Nothing is found' : ''
  return (
    <>
      <input
        ref={input}
        type="search"
        className={styles.input}
        aria-label="Find in both texts"
        placeholder="Find in both texts"
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') {
            event.stopPropagation()
            onClose()
            editor.focus()
          } else return
          event.preventDefault()
        }}
      />
      <span role="status" className={styles.count}>
        {found === null
          ? ''
          : found.count === 0
            ? 'None'
            : `${(found.at + 1).toLocaleString()} of ${found.count.toLocaleString()}${found.isCut ? '+' : ''}`}
      </span>
      <IconButton
        icon="arrow-up"
        size="small"
        label="Previous match"
        keys="Shift+Enter"
        offReason={none}
        onClick={() => go(-1)}
      />
      <IconButton
        icon="arrow-down"
        size="small"
        label="Next match"
        keys="Enter"
        offReason={none}
        onClick={() => go(1)}
      />
      <IconButton icon="close" size="small" label="Close the search" keys="Escape" onClick={onClose} />
    </>
  )
}
