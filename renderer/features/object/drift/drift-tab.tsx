/**
 * The Drift tab of a Kustomization or HelmRelease: how far the comparison can be trusted, which of its objects differ, and one of them in
 * detail. The selected object stands in the route, so that a link leads to it. Semantics: interface.md, "Diff".
 */
import { useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ObjectDetail } from '../../../../shared/model/detail.ts'
import type { DriftObject } from '../../../../shared/model/drift.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import { itemOfRef } from '../../../app/routes.ts'
import type { ObjectRoute } from '../../../app/routes.ts'
import { openPlanDialog } from '../../../stores/actions.ts'
import { useCommands } from '../../../stores/commands.ts'
import { contextOfCluster, contextsStore } from '../../../stores/contexts.ts'
import { useDriftOwner } from '../../../stores/drift.ts'
import { selectDriftItem } from '../../../stores/navigation.ts'
import { uiStore } from '../../../stores/ui-state.ts'
import { useStream } from '../../../stores/use-stream.ts'
import { useIsNarrow } from '../../../ui/media/media.ts'
import { Split } from '../../../ui/split/split.tsx'
import { manyLines } from '../../../ui/text/plain-text.ts'
import { useTimeText } from '../../../ui/time/clock.ts'
import { formatAge } from '../../../ui/time/format-time.ts'
import { SkeletonRows, ViewState } from '../../../ui/view-state/view-state.tsx'
import { DriftDiff } from './drift-diff.tsx'
import { DriftSide, FieldList } from './drift-side.tsx'
import { driftTree, isInteresting } from './drift-tree.ts'
import { FidelityBanner } from './fidelity-banner.tsx'
import { useDriftDetail } from './use-drift-detail.ts'
import styles from './drift-tab.module.css'

const side = { start: 272, min: 220, max: 460 }

export function DriftTab({
  detail,
  route,
}: {
  readonly detail: ObjectDetail
  readonly route: ObjectRoute
}): ReactElement {
  const { ref } = detail
  const owner = useDriftOwner(refKey(ref))
  const stream = useStream('drift.watch', { ref })
  const contextName = useStore(contextsStore, (state) => contextOfCluster(state.items, ref.cluster)?.name ?? '')
  const width = useStore(uiStore, (state) => state.panels['drift'] ?? side.start)
  const isNarrow = useIsNarrow()
  const pane = useRef<HTMLDivElement>(null)
  const objects = useMemo(() => [...stream.items.values()], [stream.items])
  const selected = useMemo(() => selectedObject(objects, route.item), [objects, route.item])
  const drift = useDriftDetail(selected)
  const [chosen, setChosen] = useState<{ readonly object: string; readonly field: string } | null>(null)
  const first = (drift.fields ?? []).find(({ verdict }) => verdict !== 'notOwned' && verdict !== 'ignored')?.key ?? null
  const current =
    selected !== null &&
    chosen?.object === selected.key &&
    drift.fields?.some(({ key }) => key === chosen.field) === true
      ? chosen.field
      : first
  useCommands({
    planPreview: () => openPlanDialog(detail.row?.isSuspended === true ? 'resume' : 'reconcile', [ref]),
  })
  const checkedAt = owner?.checkedAt ?? null
  const age = useTimeText((now) => (checkedAt === null ? '' : ` ${formatAge(now - checkedAt)} ago`))
  // An object that is gone from the result leaves the link.
  const isGone =
    route.item !== undefined && stream.isReady && objects.length > 0 && findItem(objects, route.item) === null
  useEffect(() => {
    if (isGone && selected !== null) selectDriftItem(itemOfRef(selected.ref))
  }, [isGone, selected])

  return (
    <div className={styles.tab}>
      <div className={styles.banners}>
        <FidelityBanner reference={ref} owner={owner} />
      </div>
      {stream.error !== null && objects.length === 0 ? (
        <ViewState
          shape={stream.error.code === 'Forbidden' ? 'forbidden' : 'failed'}
          title="The comparison could not be read"
          detail={manyLines([stream.error.detail, stream.error.remedy].filter((text) => text !== '').join('\n'), 2000)}
        >
          {manyLines(stream.error.message, 2000)}
        </ViewState>
      ) : objects.length === 0 ? (
        owner?.error != null ? (
          <ViewState
            shape={owner.error?.code === 'Forbidden' ? 'forbidden' : 'unknown'}
            title="Nothing is known of its drift"
          >
            What should be in the cluster could not be found out; the line above says why.
          </ViewState>
        ) : stream.isReady && checkedAt !== null ? (
          <ViewState shape="empty" title="No objects">
            It applies nothing: there is nothing to compare.
          </ViewState>
        ) : (
          <SkeletonRows label="Loading drift" />
        )
      ) : (
        <div className={styles.split}>
          <Split
            label="Resize the list of objects"
            width={isNarrow ? side.min : width}
            min={side.min}
            max={side.max}
            onWidth={(next) => uiStore.setState((state) => ({ panels: { ...state.panels, drift: next } }))}
            end={false}
            side={
              <div className={styles.side}>
                <DriftSide
                  objects={objects}
                  contextName={contextName}
                  selected={selected}
                  onSelect={(object) => selectDriftItem(itemOfRef(object.ref))}
                  onOpen={() => pane.current?.querySelector<HTMLElement>('[data-editor="diff"] textarea')?.focus()}
                />
                {selected !== null && (drift.fields?.length ?? 0) > 0 ? (
                  <FieldList
                    object={selected}
                    fields={drift.fields ?? []}
                    current={current}
                    onField={(field) => setChosen({ object: selected.key, field })}
                  />
                ) : null}
              </div>
            }
            main={
              <div ref={pane} className={styles.pane}>
                {selected === null ? (
                  <ViewState shape="ready" title="Nothing drifts">
                    {objects.length === 1 ? 'Its object is' : `All ${objects.length.toLocaleString()} objects are`} as
                    Git says, compared{age}.
                  </ViewState>
                ) : (
                  <DriftDiff
                    key={selected.key}
                    detail={detail}
                    owner={owner}
                    object={selected}
                    drift={drift}
                    contextName={contextName}
                    current={current}
                    onField={(field) => setChosen({ object: selected.key, field })}
                  />
                )}
              </div>
            }
          />
        </div>
      )}
    </div>
  )
}

function findItem(objects: readonly DriftObject[], item: string): DriftObject | null {
  return objects.find((object) => itemOfRef(object.ref) === item) ?? null
}

/** The object of the link; else the first that drifts, as the tree orders them; null where none does. */
export function selectedObject(objects: readonly DriftObject[], item: string | undefined): DriftObject | null {
  const found = item === undefined ? null : findItem(objects, item)
  if (found !== null) return found
  return driftTree(objects.filter(isInteresting), 'namespace').find(({ object }) => object !== null)?.object ?? null
}
