/**
 * Which state a list is in, from the states of its kinds in the selected contexts. Loading, empty, forbidden, not installed, unreachable,
 * stale and error are eight different things and never mixed up; what is partly so stands in a banner above the rows.
 */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { Category, ContextRow, KindRow } from '../../../shared/model/rows.ts'
import { Button } from '../../ui/button/button.tsx'
import { StaleBanner } from '../../ui/stale-banner/stale-banner.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { useTimeText } from '../../ui/time/clock.ts'
import { Banner, NoContext, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { copyText, retryContext } from '../../stores/actions.ts'
import { contextsStore } from '../../stores/contexts.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { openHostingDialog } from '../../stores/hosting-actions.ts'
import { openView } from '../../stores/navigation.ts'
import styles from './lists.module.css'

export interface ListProblem {
  readonly state:
    'unreachable' | 'unauthorized' | 'needs-approval' | 'notInstalled' | 'forbidden' | 'error' | 'stale' | 'loading'
  readonly context: ContextRow
  readonly kinds: readonly KindRow[]
}

const deadConnections = new Set(['unreachable', 'unauthorized', 'needs-approval', 'invalid'])

/** What keeps a context from showing all of a category's rows, live; null if nothing does. Worst first. */
export function problemOf(context: ContextRow, kinds: readonly KindRow[]): ListProblem | null {
  const found = (state: ListProblem['state'], which: readonly KindRow[] = kinds): ListProblem => ({
    state,
    context,
    kinds: which,
  })
  if (deadConnections.has(context.connection)) {
    if (context.snapshotAt !== null) return found('stale')
    if (context.connection === 'needs-approval') return found('needs-approval')
    return found(context.connection === 'unauthorized' ? 'unauthorized' : 'unreachable')
  }
  if (context.connection !== 'connected') return found(context.snapshotAt === null ? 'loading' : 'stale')
  const inState = (state: KindRow['state']): readonly KindRow[] => kinds.filter((kind) => kind.state === state)
  if (kinds.length === 0) return found('notInstalled')
  const loading = inState('loading')
  if (loading.length > 0) return found('loading', loading)
  for (const state of ['unreachable', 'error', 'stale', 'forbidden'] as const)
    if (inState(state).length > 0) return found(state, inState(state))
  if (inState('notInstalled').length === kinds.length) return found('notInstalled')
  return null
}

/** Problems of all selected contexts for one category. */
export function problemsOf(
  category: Category,
  contexts: readonly ContextRow[],
  kinds: Iterable<KindRow>,
): readonly ListProblem[] {
  const byContext = new Map<string, KindRow[]>()
  for (const kind of kinds) {
    if (kind.category !== category) continue
    const known = byContext.get(kind.context)
    if (known === undefined) byContext.set(kind.context, [kind])
    else known.push(kind)
  }
  return contexts
    .map((context) => problemOf(context, byContext.get(context.key) ?? []))
    .filter((problem) => problem !== null)
}

function namesOf(contexts: readonly ContextRow[]): string {
  const names = contexts.map((context) => oneLine(context.name, 120))
  return names.length <= 2 ? names.join(' and ') : `${names.length} contexts`
}

/** The whole view when there is no row to show: exactly one of the designed states. */
export function ListState({
  title,
  contexts,
  problems,
}: {
  /** The view's title, in its own words: "Kustomizations". */
  readonly title: string
  readonly contexts: readonly ContextRow[]
  readonly problems: readonly ListProblem[]
}): ReactElement {
  if (contexts.length === 0) return <NoContext actions={<SettingsButton />} />
  if (problems.some((problem) => problem.state === 'loading')) return <SkeletonRows label={`Loading ${title}`} />
  const [problem] = problems
  if (problem === undefined || problems.length < contexts.length)
    return (
      <ViewState
        shape="empty"
        title={`No ${title} in ${namesOf(contexts.filter((context) => !problems.some((one) => one.context === context)))}`}
      >
        Flux runs here and has none of them.
        {problem === undefined ? '' : ` ${problemSentence(problem, title)}`}
      </ViewState>
    )
  return <ProblemState problem={problem} title={title} isOnly={problems.length === 1} />
}

function SettingsButton(): ReactElement {
  return <Button onClick={() => openView('settings')}>Contexts in Settings</Button>
}

function ProblemState({
  problem,
  title,
  isOnly,
}: {
  readonly problem: ListProblem
  readonly title: string
  readonly isOnly: boolean
}): ReactElement {
  const { context, kinds, state } = problem
  const hasOthers = useStore(contextsStore, (all) => all.items.size > 1)
  const name = oneLine(context.name, 120)
  const retry = <Button onClick={() => void retryContext(context.key)}>Try now</Button>
  const error = context.error
  switch (state) {
    case 'forbidden': {
      const message = kinds.find((kind) => kind.message !== '')?.message ?? ''
      return (
        <ViewState
          shape="forbidden"
          title={`You may not list ${kindsTitle(kinds, title)} in ${name}`}
          detail={message}
          actions={
            <>
              <Button icon="copy" onClick={() => void copyText(accessRequest(problem), 'Request for access')}>
                Copy request for access
              </Button>
              {retry}
            </>
          }
        >
          The API server refuses this identity ({oneLine(context.user, 120)}).
        </ViewState>
      )
    }
    case 'notInstalled':
      return (
        <ViewState
          shape="not-installed"
          title={`Flux is not installed in ${name}`}
          actions={
            <>
              {retry}
              <Button icon="server" onClick={() => openHostingDialog(context.key, true)}>
                Host from this machine…
              </Button>
            </>
          }
        >
          {kinds[0] === undefined ? `No kind of ${title} is served.` : `${kinds[0].group} is not served.`}
        </ViewState>
      )
    case 'error':
      return (
        <ViewState
          shape="failed"
          title={`Could not list ${title} in ${name}`}
          detail={kinds.find((kind) => kind.message !== '')?.message}
          actions={retry}
        />
      )
    case 'needs-approval':
      return (
        <ViewState
          icon="key"
          title={`${name} wants to run a program for its credentials`}
          actions={
            <Button variant="primary" onClick={() => openDialog({ kind: 'exec', context: context.key })}>
              Review…
            </Button>
          }
        >
          Nothing runs before you have seen its command.
        </ViewState>
      )
    case 'unauthorized':
      return (
        <ViewState
          shape="forbidden"
          title={`${name} does not accept these credentials`}
          detail={error === null ? '' : [error.message, error.detail].filter((text) => text !== '').join('\n')}
          actions={retry}
        >
          {error?.remedy}
        </ViewState>
      )
    case 'loading':
      return <SkeletonRows label={`Loading ${title}`} />
    case 'stale':
    case 'unreachable':
      return (
        <ViewState
          shape="unreachable"
          title={`${name} is unreachable`}
          detail={error === null ? '' : [error.message, error.detail].filter((text) => text !== '').join('\n')}
          actions={retry}
        >
          <NextTry context={context} />
          {context.snapshotProblem === undefined ? '' : `${oneLine(context.snapshotProblem, 600)} `}
          {isOnly && hasOthers ? 'The other contexts are not affected.' : ''}
        </ViewState>
      )
  }
}

function NextTry({ context }: { readonly context: ContextRow }): ReactElement {
  const text = useTimeText((now) =>
    context.nextTryAt === null ? '' : `Next try in ${Math.max(0, Math.ceil((context.nextTryAt - now) / 1000))} s. `,
  )
  return <>{text}</>
}

function problemSentence({ state, context }: ListProblem, title: string): string {
  const name = oneLine(context.name, 120)
  switch (state) {
    case 'forbidden':
      return `You may not list ${title} in ${name}.`
    case 'notInstalled':
      return `Flux is not installed in ${name}.`
    case 'needs-approval':
      return `${name} waits for your approval of its credential program.`
    case 'unauthorized':
      return `${name} does not accept these credentials.`
    case 'error':
      return `Could not list ${title} in ${name}.`
    case 'loading':
      return ''
    case 'stale':
    case 'unreachable':
      return `${name} is unreachable.`
  }
}

/** The kinds in the API's words where it is one kind, else the view's title. */
function kindsTitle(kinds: readonly KindRow[], title: string): string {
  const [only] = kinds
  if (only === undefined || kinds.length > 1) return title
  return only.kind.endsWith('y') ? `${only.kind.slice(0, -1)}ies` : `${only.kind}s`
}

function accessRequest({ context, kinds }: ListProblem): string {
  const lines = kinds.map((kind) => `- list, watch ${kind.plural}.${kind.group}`)
  return [
    `Access for ${context.user} to ${context.name} (${context.server}):`,
    ...lines,
    '',
    kinds[0]?.message ?? '',
  ].join('\n')
}

/** Above the rows: what of the selection is not here, or not live. */
export function ListBanners({
  title,
  problems,
}: {
  readonly title: string
  readonly problems: readonly ListProblem[]
}): ReactElement | null {
  const shown = problems.filter((problem) => problem.state !== 'loading' && problem.state !== 'notInstalled')
  if (shown.length === 0) return null
  return (
    <div className={styles.banners}>
      {shown.slice(0, 3).map((problem) => (
        <ListBanner key={problem.context.key} problem={problem} title={title} />
      ))}
      {shown.length > 3 ? <Banner tone="unknown">And {shown.length - 3} more contexts.</Banner> : null}
    </div>
  )
}

function ListBanner({ problem, title }: { readonly problem: ListProblem; readonly title: string }): ReactElement {
  const { context, state, kinds } = problem
  if (state === 'stale') return <StaleBanner context={context} onRetry={() => void retryContext(context.key)} />
  const message = kinds.find((kind) => kind.message !== '')?.message ?? context.error?.message ?? ''
  return (
    <Banner
      tone={state === 'forbidden' || state === 'needs-approval' ? 'unknown' : 'failed'}
      shape={
        state === 'forbidden' || state === 'needs-approval' ? 'forbidden' : state === 'error' ? 'failed' : 'unreachable'
      }
      actions={
        state === 'needs-approval' ? (
          <Button size="small" onClick={() => openDialog({ kind: 'exec', context: context.key })}>
            Review…
          </Button>
        ) : (
          <Button size="small" onClick={() => void retryContext(context.key)}>
            Try now
          </Button>
        )
      }
    >
      <span className="medium">{problemSentence(problem, title)}</span>{' '}
      <span className="muted">
        {oneLine(message, 300)} {oneLine(context.snapshotProblem ?? '', 600)}
      </span>
    </Banner>
  )
}
