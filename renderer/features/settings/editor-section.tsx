/** Which program opens the files of repositories. Programs are found by the engine; the window only chooses among them. */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import type { Settings } from '../../../shared/model/app.ts'
import type { EditorChoice } from '../../../shared/model/repository.ts'
import { updateSettings } from '../../stores/actions.ts'
import { callHost } from '../../stores/host.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Section } from './settings-section.tsx'
import styles from './settings.module.css'

const options: readonly { readonly value: Settings['editor']; readonly label: string }[] = [
  { value: 'vscode', label: 'VS Code' },
  { value: 'jetbrains', label: 'JetBrains' },
  { value: 'environment', label: '$EDITOR' },
]

export function EditorSection({ settings }: { readonly settings: Settings }): ReactElement {
  const [editors, setEditors] = useState<readonly EditorChoice[] | null>(null)
  useEffect(() => {
    const controller = new AbortController()
    void callHost('repository.editors', {}, controller.signal).then((result) => {
      // An engine that knows no editors says so by an empty answer.
      if (result.ok) setEditors(result.value?.editors ?? [])
    })
    return () => controller.abort()
  }, [])
  const found = editors?.find(({ id }) => id === settings.editor) ?? null
  return (
    <Section title="Editor" note="Opens files of repositories at their line. Started without a shell.">
      <div className={styles.row}>
        <span className={styles.label}>Open files in</span>
        <Segmented
          label="Open files in"
          value={settings.editor}
          options={options}
          onChange={(editor) => void updateSettings({ editor })}
        />
        {found !== null && (
          <span className={styles.hint}>
            {found.program === ''
              ? `${found.label} was not found on this computer.`
              : `${oneLine(found.label, 80)}: ${oneLine(found.program, 300)}`}
          </span>
        )}
      </div>
    </Section>
  )
}
