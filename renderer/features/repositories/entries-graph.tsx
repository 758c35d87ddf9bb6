/** What includes what and waits for what: all Kustomizations, or what concerns the selected one, with kustomization files if wished. */
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { GraphView } from '../../graph/graph-view.tsx'
import { neighbourhoodOf } from '../../graph/model.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { entryTitle, graphOfEntries } from './entry-model.ts'
import type { RepositoryContent } from './entry-model.ts'
import styles from './repositories.module.css'

export function EntriesGraph({
  content,
  current,
  onOpen,
}: {
  readonly content: RepositoryContent
  readonly current: string
  readonly onOpen: (key: string) => void
}): ReactElement {
  const selected = content.byKey.get(current) ?? null
  const [isAll, setAll] = useState(true)
  const [hasFiles, setFiles] = useState(content.kustomizations.length === 0)
  const isAround = !isAll && selected !== null
  const model = useMemo(() => {
    const whole = graphOfEntries(content, hasFiles || selected?.kind === 'build')
    return isAround ? neighbourhoodOf(whole, current) : whole
  }, [content, hasFiles, isAround, current, selected?.kind])
  const open = useCallback((ref: ObjectRef) => onOpen(ref.name), [onOpen])
  return (
    <div className={styles.graph}>
      <div className={styles.graphTools}>
        {selected === null ? null : (
          <Segmented
            label="Show"
            value={isAround ? 'around' : 'all'}
            options={[
              { value: 'all', label: 'Everything' },
              { value: 'around', label: `Around ${oneLine(entryTitle(selected), 40)}` },
            ]}
            onChange={(value) => setAll(value === 'all')}
          />
        )}
        <Checkbox label="Kustomization files" checked={hasFiles} onChange={() => setFiles(!hasFiles)}>
          Kustomization files
        </Checkbox>
      </div>
      <GraphView
        // Another choice is another drawing, which is fitted into the view anew.
        key={`${isAround ? current : ''} ${hasFiles}`}
        model={model}
        current={current}
        onOpen={open}
        label="Graph of what includes what"
        legend={['includes', 'dependsOn']}
        noun={model.nodes.every(({ kind }) => kind === 'Kustomization') ? 'Kustomizations' : 'entries'}
        lonely="Includes nothing, and nothing includes it"
      />
    </div>
  )
}
