import type { ReactElement } from 'react'
import { keymap } from '../../app/keymap.ts'
import type { KeyBinding } from '../../app/keymap.ts'
import { Button } from '../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { Keys } from '../../ui/kbd/kbd.tsx'
import styles from './shell.module.css'

const groups: readonly KeyBinding['group'][] = ['Everywhere', 'Lists', 'Objects']

/** `?`: every key, from the one table. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  return (
    <Dialog
      title="Shortcuts"
      size="plan"
      onCancel={onClose}
      foot={
        <>
          <span className="faint">A key without a modifier never changes a cluster: it opens a plan.</span>
          <DialogEnd>
            <Button onClick={onClose}>Close</Button>
          </DialogEnd>
        </>
      }
    >
      <div className={styles.shortcuts}>
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {keymap
                .filter((binding) => binding.group === group)
                .map((binding) => (
                  <div key={binding.command}>
                    <dt>{binding.label}</dt>
                    <dd>
                      {binding.keys.map((keys) => (
                        <Keys key={keys} keys={keys} />
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
