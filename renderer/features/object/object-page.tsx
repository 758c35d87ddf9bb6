/**
 * Feature object: the page of one object of one cluster, whatever its kind. Owns the head, the flow line and the tabs; knows nothing of
 * lists. What a gate or a reconciliation does is asked of stores/actions. Semantics: interface.md, "Object page".
 */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import type { ObjectRoute } from '../../app/routes.ts'
import { retryContext, selectContextsOnly } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { contextsStore, selectSelectedContexts } from '../../stores/contexts.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { viewOfKind } from '../../stores/kind-views.ts'
import { goBack, navigationStore, openView, refOfRoute } from '../../stores/navigation.ts'
import { silenceOf } from '../../stores/row-scene.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { StaleBanner } from '../../ui/stale-banner/stale-banner.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { Banner, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { FlowLine } from './flow-line.tsx'
import { ObjectHead } from './object-head.tsx'
import { ObjectTabs } from './object-tabs.tsx'
import { StatusBanner } from './status-banner.tsx'
import styles from './object-page.module.css'

/** The page of the route's object; nothing while the route is no object's. */
export function ObjectPage(): ReactElement | null {
  const route = useStore(navigationStore, (state) => state.route)
  const contexts = useStore(contextsStore, (state) => state.items)
  const isReady = useStore(contextsStore, (state) => state.isReady)
  useCommands({ escape: goUp })
  if (route.page !== 'object') return null
  const context = contexts.get(route.context) ?? null
  const ref = refOfRoute(route, contexts)
  if (context === null)
    return isReady ? <NoContext route={route} /> : <SkeletonRows label={`Loading ${refTitle(route)}`} />
  if (ref === null || (!context.isSelected && context.connection === 'idle'))
    return <NotConnected context={context} title={refTitle(route)} />
  return <LoadedObject key={refKey(ref)} route={route} reference={ref} context={context} />
}

/** Back to where the page was opened from, with its filter; after a link, to the list of its kind. */
function goUp(): void {
  const { route, back } = navigationStore.getState()
  if (back.length > 0) goBack()
  else if (route.page === 'object') openView(viewOfKind(route.group, route.kind) ?? 'overview')
}

function NoContext({ route }: { readonly route: ObjectRoute }): ReactElement {
  return (
    <ViewState
      shape="not-installed"
      title={`There is no context ${route.context}`}
      actions={<Button onClick={goBack}>Back</Button>}
    >
      {route.kind} {refTitle(route)} belongs to it. Add its kubeconfig in Settings.
    </ViewState>
  )
}

function NotConnected({ context, title }: { readonly context: ContextRow; readonly title: string }): ReactElement {
  const selected = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  if (!context.isSelected)
    return (
      <ViewState
        shape="unknown"
        title={`${context.name} is not selected`}
        actions={
          <Button
            variant="primary"
            onClick={() => void selectContextsOnly([...selected.map((each) => each.key), context.key])}
          >
            Select {context.name}
          </Button>
        }
      >
        {title} is shown once its context is connected.
      </ViewState>
    )
  if (context.connection === 'connecting' || context.connection === 'idle')
    return <SkeletonRows label={`Connecting to ${context.name}`} />
  if (context.connection === 'needs-approval')
    return (
      <ViewState
        shape="forbidden"
        title={`${context.name} wants to run a program to sign in`}
        actions={
          <Button variant="primary" onClick={() => openDialog({ kind: 'exec', context: context.key })}>
            Review…
          </Button>
        }
      >
        Nothing runs before you approve it.
      </ViewState>
    )
  return (
    <ViewState
      shape={context.connection === 'unauthorized' ? 'forbidden' : 'unreachable'}
      title={`${context.name} is ${context.connection}`}
      detail={manyLines([context.error?.detail, context.error?.remedy].filter(Boolean).join('\n'), 2000)}
      actions={<Button onClick={() => void retryContext(context.key)}>Try now</Button>}
    >
      {context.error?.message ?? 'The API server does not answer.'}
    </ViewState>
  )
}

function LoadedObject({
  route,
  reference,
  context,
}: {
  readonly route: ObjectRoute
  readonly reference: ObjectRef
  readonly context: ContextRow
}): ReactElement {
  const stream = useStream('object.watch', { ref: reference })
  const current = stream.items.values().next().value
  // What was shown last stays readable, greyed, when the object goes.
  const [last, setLast] = useState<ObjectDetail | null>(null)
  useEffect(() => {
    if (current !== undefined && current.problem?.code !== 'NotFound') setLast(current)
  }, [current])

  const isGone = current === undefined ? stream.isReady : current.problem?.code === 'NotFound'
  const detail = isGone ? last : (current ?? last)
  const problem = stream.error ?? (isGone ? null : (current?.problem ?? null))
  const name = `${route.kind} ${refTitle(route)}`

  if (detail === null || (detail.uid === '' && problem !== null)) {
    if (problem !== null)
      return (
        <ViewState
          shape={problem.code === 'Forbidden' ? 'forbidden' : 'failed'}
          title={problem.code === 'Forbidden' ? `You may not read ${name}` : `Could not read ${name}`}
          detail={manyLines([problem.detail, problem.remedy].filter((text) => text !== '').join('\n'), 4000)}
          actions={<Button onClick={goBack}>Back</Button>}
        >
          {manyLines(problem.message, 2000)}
        </ViewState>
      )
    if (isGone)
      return (
        <ViewState
          shape="empty"
          title={`${name} does not exist in ${context.name}`}
          actions={<Button onClick={goBack}>Back</Button>}
        >
          It was deleted, or never was there. The list shows what there is.
        </ViewState>
      )
    return <SkeletonRows label={`Loading ${name}`} />
  }

  const isStale = context.connection !== 'connected'
  return (
    <article className={styles.page} aria-label={name}>
      <header className={styles.head}>
        <ObjectHead
          detail={detail}
          route={route}
          offReason={isGone ? 'This object was deleted' : isStale ? silenceOf(context) : ''}
        />
        <div className={classNames((isGone || isStale) && styles.old)}>
          <FlowLine detail={detail} />
        </div>
      </header>
      {isGone && (
        <div className={styles.notice}>
          <Banner
            tone="unknown"
            shape="empty"
            actions={
              <Button size="small" onClick={goBack}>
                Back
              </Button>
            }
          >
            <b>{name} was deleted</b> while you looked at it. This is what it was.
          </Banner>
        </div>
      )}
      {!isGone && isStale && (
        <div className={styles.notice}>
          <StaleBanner context={context} onRetry={() => void retryContext(context.key)} />
        </div>
      )}
      {problem !== null && (
        <div className={styles.notice}>
          <Banner tone="failed" shape="failed">
            {manyLines(problem.message, 2000)}
          </Banner>
        </div>
      )}
      <ObjectTabs
        detail={detail}
        route={route}
        isOld={isGone || isStale}
        silence={isStale ? silenceOf(context) : ''}
        banner={isGone ? null : <StatusBanner detail={detail} />}
      />
    </article>
  )
}
