import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import type { DriftField, DriftObject, DriftOwner, DriftTexts } from '../../../../shared/model/drift.ts'
import { objectRoute } from '../../../../renderer/app/routes.ts'
import { changesOf, setBackText } from '../../../../renderer/features/object/drift/drift-diff.tsx'
import { driftTree, treeCounts } from '../../../../renderer/features/object/drift/drift-tree.ts'
import { fidelityWord } from '../../../../renderer/features/object/drift/fidelity-banner.tsx'
import { ObjectPage } from '../../../../renderer/features/object/object-page.tsx'
import { dialogsStore } from '../../../../renderer/stores/dialogs.ts'
import { navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import { blameText } from '../../../../renderer/ui/drift-marks/drift-words.ts'
import { runCommand } from '../../../../renderer/stores/commands.ts'
import { toastsStore } from '../../../../renderer/stores/toasts.ts'
import {
  appsObjects,
  countedOwner,
  driftField,
  driftObject,
  driftOwner,
  fault,
  podinfoFields,
  podinfoTexts,
  recordFields,
  recordOnlyObject,
  verified,
} from '../../../fixtures/fake-host/drift.ts'

const showCurrent = vi.hoisted(() => vi.fn())

// Monaco needs a real window (test/e2e); here stands what it is given.
vi.mock('../../../../renderer/editor/diff-view.tsx', () => ({
  DiffView: (props: {
    ref: React.RefObject<{ showCurrent: () => void } | null>
    git: string
    live: string
    marks: readonly { field: string; isQuiet: boolean }[]
    current: string | null
    isInline: boolean
    isFolded: boolean
    blameOf: (field: string) => { node: React.ReactNode } | null
  }) => (
    <div
      ref={(element) => {
        props.ref.current = element === null ? null : { showCurrent }
      }}
      data-testid="diff"
      data-current={props.current}
      data-inline={props.isInline}
      data-folded={props.isFolded}
      data-quiet={props.marks
        .filter(({ isQuiet }) => isQuiet)
        .map(({ field }) => field)
        .join(' ')}
    >
      <pre>{props.git}</pre>
      <pre>{props.live}</pre>
      {props.marks.map(({ field }) => (
        <div key={field}>{props.blameOf(field)?.node}</div>
      ))}
    </div>
  ),
}))

interface Given {
  readonly owner?: Partial<DriftOwner>
  readonly objects?: (of: Mounted) => readonly DriftObject[]
  readonly texts?: DriftTexts
  readonly item?: string
}

async function open(given: Given = {}, prepare: (mounted: Mounted) => void = () => undefined): Promise<Mounted> {
  const mounted = mount(<ObjectPage />, (each) => {
    const { ref } = each.fleet.apps
    const objects = (given.objects ?? ((of) => appsObjects(of.fleet.apps.ref, of.now)))(each)
    each.bridge.publish('drift.owners', [countedOwner(ref, objects, each.now, given.owner)])
    each.bridge.publish('drift.watch', objects)
    each.bridge.answer('drift.fields', ({ ref: of }) => ({
      ok: true,
      value: {
        fields: of.kind === 'Deployment' ? [...podinfoFields(each.now), notOwned] : [],
        checkedAt: each.now,
      },
    }))
    const { texts: _, ...whole } = { texts: null, ...podinfoTexts(each.now) }
    each.bridge.answer('drift.texts', () => ({
      ok: true,
      value: given.texts ?? { ...whole, marks: [...whole.marks, { field: 'sidecar', gitLine: 0, liveLine: 30 }] },
    }))
    prepare(each)
  })
  act(() => navigate(objectRoute('staging', mounted.fleet.apps.ref, 'drift', given.item)))
  await screen.findByRole('tabpanel')
  return mounted
}

const notOwned = driftField('sidecar', 'spec.template.spec.containers[istio-proxy]', {
  change: 'added',
  gitValue: null,
  liveValue: '{}',
  verdict: 'notOwned',
})

const items = (): string[] => screen.getAllByRole('treeitem').map((item) => item.getAttribute('aria-label') ?? '')

describe('the Drift tab', () => {
  it('shows the objects that differ by namespace, then what does not, with the first one selected', async () => {
    await open()
    expect((await screen.findByRole('tab', { name: 'Drift' })).getAttribute('aria-description')).toBe('7')
    await waitFor(() => expect(items().slice(0, 4)).toEqual(['apps', 'apps/podinfo', 'apps/podinfo', 'apps/podinfo']))
    expect(items()).toEqual(
      expect.arrayContaining(['Ignored by rule', 'Field owned by others, not in Git', 'Not drifted']),
    )
    expect(screen.getByRole('treeitem', { name: 'checkout/checkout-metrics' }).textContent).toContain('missing')
    expect(screen.getByRole('treeitem', { name: 'checkout/legacy-report' }).textContent).toContain('not in Git')
    expect(screen.getByRole('treeitem', { name: 'checkout/migrate' }).textContent).toContain('refused')
    expect(screen.getAllByRole('treeitem', { selected: true }).map((item) => item.getAttribute('aria-label'))).toEqual([
      'apps/podinfo',
    ])
    expect(screen.getByText('7 of 47 objects')).toBeTruthy()
  })

  it('goes through the drifting fields with n and j, counts them, and leaves the others grey', async () => {
    await open()
    const diff = await screen.findByTestId('diff')
    await waitFor(() => expect(diff.getAttribute('data-current')).toBe('replicas'))
    expect(screen.getByText('1 of 4')).toBeTruthy()
    expect(diff.getAttribute('data-quiet')).toBe('sidecar')
    act(() => void runCommand('nextChange'))
    expect(screen.getByText('2 of 4')).toBeTruthy()
    act(() => void runCommand('next'))
    act(() => void runCommand('next'))
    act(() => void runCommand('next'))
    expect(screen.getByText('1 of 4')).toBeTruthy()
    act(() => void runCommand('previousChange'))
    expect(screen.getByText('4 of 4')).toBeTruthy()
    fireEvent.click(
      within(screen.getByRole('list', { name: 'Fields of apps/podinfo' })).getByRole('button', { name: /image/ }),
    )
    expect(diff.getAttribute('data-current')).toBe('image')
  })

  it('keeps the selected object in the link, and a link selects its object', async () => {
    await open({ item: '/ConfigMap/checkout/checkout-config' })
    await screen.findByRole('region', { name: 'Difference of ConfigMap checkout/checkout-config' })
    fireEvent.click(screen.getByRole('treeitem', { name: 'checkout/checkout-metrics' }))
    expect(navigationStore.getState().route).toMatchObject({ tab: 'drift', item: '/Service/checkout/checkout-metrics' })
    await screen.findByText('Applying creates it.')
  })

  it('offers the patch, the rule and the preview', async () => {
    const mounted = await open({}, ({ bridge }) => {
      bridge.answer('drift.patch', () => ({ ok: true, value: { text: 'spec:\n  replicas: 5\n' } }))
      bridge.answer('drift.ignoreRule', () => ({
        ok: true,
        value: { text: 'spec:\n  ignore: []\n', path: 'spec.ignore', note: '', origin: 'clusters/staging/apps.yaml:1' },
      }))
      bridge.answer('drift.ignoreEdit', () => ({
        ok: true,
        value: {
          id: 'edit-1',
          folder: '~/fleet',
          file: 'clusters/staging/apps.yaml',
          line: 9,
          diff: [
            { kind: 'same' as const, line: 8, text: '  prune: true # always' },
            { kind: 'added' as const, line: 9, text: '  ignore:' },
          ],
          commit: { refused: '~/fleet is not a Git working copy', remedy: 'Map the folder that you cloned' },
        },
      }))
      bridge.answer('drift.writeIgnore', () => ({
        ok: true,
        value: { file: 'clusters/staging/apps.yaml', commit: null },
      }))
    })
    await waitFor(async () => expect((await screen.findByTestId('diff')).getAttribute('data-current')).toBe('replicas'))
    fireEvent.click(screen.getByRole('button', { name: 'Copy as patch for Git' }))
    await waitFor(() =>
      expect(mounted.bridge.calls).toContainEqual({ name: 'app.copyText', input: { text: 'spec:\n  replicas: 5\n' } }),
    )
    fireEvent.click(screen.getByRole('button', { name: 'Ignore field…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Ignore a field' })
    expect(await within(dialog).findByText('clusters/staging/apps.yaml:1')).toBeTruthy()
    const change = await within(dialog).findByRole('region', { name: 'Change of the file' })
    expect(change.textContent).toContain('clusters/staging/apps.yaml')
    expect(change.textContent).toContain('+  ignore:')
    expect(within(dialog).getByRole('region', { name: 'Commit' }).textContent).toContain(
      'not committed: ~/fleet is not a Git working copy. Map the folder that you cloned',
    )
    expect(within(dialog).queryByRole('button', { name: /Write and commit/ })).toBeNull()
    expect(mounted.bridge.calls.some(({ name }) => name === 'drift.writeIgnore')).toBe(false)
    fireEvent.keyDown(dialog, { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(mounted.bridge.calls).toContainEqual({ name: 'drift.writeIgnore', input: { edit: 'edit-1', message: null } })
    fireEvent.click(screen.getByRole('button', { name: /^Reconcile now/ }))
    expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'reconcile' })
  })

  it('shows where the commit goes and what it leaves out, and commits with the message as written', async () => {
    let fails = true
    const mounted = await open({}, ({ bridge }) => {
      bridge.answer('drift.ignoreRule', () => ({
        ok: true,
        value: { text: 'spec:\n  ignore: []\n', path: 'spec.ignore', note: '', origin: 'clusters/staging/apps.yaml:1' },
      }))
      bridge.answer('drift.ignoreEdit', () => ({
        ok: true,
        value: {
          id: 'edit-1',
          folder: '~/fleet',
          file: 'clusters/staging/apps.yaml',
          line: 9,
          diff: [{ kind: 'added' as const, line: 9, text: '  ignore:' }],
          commit: {
            branch: 'main',
            author: 'Ada <ada@example.invalid>',
            message: 'Ignore /spec/replicas',
            skippedHooks: ['pre-commit', 'commit-msg'],
            isUnsigned: true,
          },
        },
      }))
      bridge.answer('drift.writeIgnore', () =>
        fails
          ? { ok: false, error: fault('GitFailed', 'clusters/staging/apps.yaml could not be committed in ~/fleet') }
          : {
              ok: true,
              value: { file: 'clusters/staging/apps.yaml', commit: { id: 'c0ffee0123456789', branch: 'main' } },
            },
      )
    })
    await waitFor(async () => expect((await screen.findByTestId('diff')).getAttribute('data-current')).toBe('replicas'))
    fireEvent.click(screen.getByRole('button', { name: 'Ignore field…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Ignore a field' })
    const commit = await within(dialog).findByRole('region', { name: 'Commit' })
    expect(commit.textContent).toContain('main in ~/fleet: this file alone, not pushed')
    expect(commit.textContent).toContain('Ada <ada@example.invalid>')
    expect(commit.textContent).toContain('your hooks pre-commit, commit-msg will not run')
    expect(commit.textContent).toContain('will not be signed')
    const message = within(commit).getByRole('textbox', { name: 'Commit message' })
    expect((message as HTMLTextAreaElement).value).toBe('Ignore /spec/replicas')
    fireEvent.change(message, { target: { value: '  ' } })
    fireEvent.keyDown(message, { key: 'Enter', ctrlKey: true })
    expect(mounted.bridge.calls.some(({ name }) => name === 'drift.writeIgnore')).toBe(false)
    fireEvent.change(message, { target: { value: 'Mine' } })
    fireEvent.click(within(dialog).getByRole('button', { name: /Write and commit/ }))
    await waitFor(() =>
      expect(mounted.bridge.calls).toContainEqual({
        name: 'drift.writeIgnore',
        input: { edit: 'edit-1', message: 'Mine' },
      }),
    )
    // What was typed stays where it failed.
    await waitFor(() =>
      expect(
        within(dialog)
          .getByRole('button', { name: /Write and commit/ })
          .getAttribute('aria-disabled'),
      ).not.toBe('true'),
    )
    expect((message as HTMLTextAreaElement).value).toBe('Mine')
    fails = false
    fireEvent.keyDown(message, { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(toastsStore.getState().toasts.map(({ title }) => title)).toContain(
      'The rule is commit c0ffee0 on main of ~/fleet. It is not pushed.',
    )
  })

  it('copies the rule where no working copy is mapped, and says what is missing', async () => {
    const mounted = await open({}, ({ bridge }) => {
      bridge.answer('drift.ignoreRule', () => ({
        ok: true,
        value: { text: 'spec:\n  ignore: []\n', path: 'spec.ignore', note: '', origin: 'clusters/staging/apps.yaml:1' },
      }))
      bridge.answer('drift.ignoreEdit', () => ({
        ok: false,
        error: fault('NotFound', 'No folder on this machine stands for GitRepository flux-system/fleet'),
      }))
    })
    await waitFor(async () => expect((await screen.findByTestId('diff')).getAttribute('data-current')).toBe('replicas'))
    fireEvent.click(screen.getByRole('button', { name: 'Ignore field…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Ignore a field' })
    await within(dialog).findByText(/No folder on this machine stands for/)
    expect(within(dialog).queryByRole('button', { name: 'Write to the file' })).toBeNull()
    await within(dialog).findByText('clusters/staging/apps.yaml:1')
    fireEvent.keyDown(dialog, { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(mounted.bridge.calls.some(({ name }) => name === 'app.copyText')).toBe(true)
  })

  it('shows why an object could not be compared', async () => {
    await open({ item: 'batch/Job/checkout/migrate' }, ({ bridge }) =>
      bridge.answer('drift.texts', () => ({ ok: false, error: fault('NotFound', 'There is no text') })),
    )
    expect(await screen.findByText('The API server refused the comparison')).toBeTruthy()
    expect(screen.getByText(/field is immutable/, { selector: 'p' })).toBeTruthy()
    expect(screen.getByText(/whether it drifts is not known/)).toBeTruthy()
  })

  it('says above the lines of a refused object that they are none of the API server, in its own words, with no risk', async () => {
    await open({ item: 'batch/Job/checkout/migrate' })
    const notice = (await screen.findByText('The API server refused the comparison.')).parentElement
    expect(notice?.textContent).toContain('field is immutable')
    expect(notice?.textContent).toContain('approximately')
    const item = screen.getByRole('treeitem', { name: 'checkout/migrate' })
    expect(item.getAttribute('aria-description')).toBe('Job, could not be compared')
    expect(item.textContent).not.toMatch(/Low|Medium|High/)
  })

  it('shows no lines of an object that could not be read: beside nothing they would say that it is missing', async () => {
    const mounted = await open({
      item: 'batch/Job/checkout/migrate',
      texts: { git: 'kind: Job\n', live: '', marks: [], checkedAt: 0 },
    })
    await waitFor(() => expect(mounted.bridge.calls.some(({ name }) => name === 'drift.texts')).toBe(true))
    expect(await screen.findByText('The API server refused the comparison')).toBeTruthy()
    expect(screen.queryByTestId('diff')).toBeNull()
  })

  it('says of what changes all the time that its lines are those of one moment', async () => {
    await open({
      item: 'batch/Job/checkout/migrate',
      objects: ({ fleet, now }) =>
        appsObjects(fleet.apps.ref, now).map((object) =>
          object.action === 'refused' ? { ...object, action: 'moving' as const, problem: null } : object,
        ),
    })
    const notice = (await screen.findByText('It kept changing while it was compared.')).parentElement
    expect(notice?.textContent).toContain('at one moment')
    expect(screen.getByText('It changes all the time: whether it drifts is not known.')).toBeTruthy()
  })

  it('says of what only the record differs of who holds which field, since when, and that no value changes', async () => {
    await open(
      {
        item: '/ConfigMap/apps/a-set-back',
        objects: ({ fleet, now }) => [recordOnlyObject(fleet.apps.ref, now), ...appsObjects(fleet.apps.ref, now)],
        texts: {
          git: 'data:\n  value: git\n',
          live: 'data:\n  value: git\n',
          marks: [{ field: 'record', gitLine: 2, liveLine: 2 }],
          checkedAt: 0,
        },
      },
      ({ bridge, now }) =>
        bridge.answer('drift.fields', () => ({ ok: true, value: { fields: recordFields(now), checkedAt: now } })),
    )
    const notice = (await screen.findByText('Every value is as in Git; only who owns it differs.')).parentElement
    expect(notice?.textContent).toMatch(/kubectl-edit holds data\.value since .*\d\d:\d\d/)
    expect(notice?.textContent).toContain('takes the ownership over and changes no value')
    // The last one of its namespace.
    expect(items().slice(1, 5)).toEqual(['apps/podinfo', 'apps/podinfo', 'apps/podinfo', 'apps/a-set-back'])
    const item = screen.getByRole('treeitem', { name: 'apps/a-set-back' })
    expect(item.textContent).toContain('record only')
    expect(item.textContent).toContain('no value changes')
    const diff = screen.getByTestId('diff')
    expect([diff.dataset['current'], diff.dataset['quiet']]).toEqual(['record', 'record'])
    expect(diff.textContent).toContain('kubectl-edit')
    expect(diff.textContent).toContain('also kubectl-edit')
    // The only one: to go to the next is to see it again.
    fireEvent.click(screen.getByRole('button', { name: 'Next difference' }))
    expect(showCurrent).toHaveBeenCalledOnce()
    expect(screen.getByText('The next apply writes the record alone: no value changes.')).toBeTruthy()
    expect(screen.getByText('7 of 48 objects')).toBeTruthy()
  })

  it('says that nothing drifts, with how many objects', async () => {
    await open({
      objects: ({ fleet, now }) => appsObjects(fleet.apps.ref, now).filter(({ action }) => action === 'unchanged'),
    })
    expect(await screen.findByText('Nothing drifts')).toBeTruthy()
    expect(screen.getByText(/All 38 objects are as Git says/)).toBeTruthy()
  })

  it('says what is in the way before anything was compared, and never that nothing drifts', async () => {
    await open({
      objects: () => [],
      owner: {
        state: 'failed',
        checkedAt: null,
        fidelity: null,
        error: fault('ArtifactUnavailable', 'The artifact of GitRepository flux-system/flux-system cannot be reached'),
      },
    })
    expect(await screen.findByText('Whether it drifts is not known.')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Map a folder…' })).toBeTruthy()
    expect(screen.queryByText('Nothing drifts')).toBeNull()
  })

  it('asks for another comparison', async () => {
    const mounted = await open()
    fireEvent.click(await screen.findByRole('button', { name: 'Compare again' }))
    expect(mounted.bridge.calls).toContainEqual({ name: 'drift.check', input: { ref: mounted.fleet.apps.ref } })
  })
})

it('names who made the revision, when and why, as text', async () => {
  const commit = { sha: 'e07d913aa41b9b1be3c45aa5dd3ac0ffee012345', author: 'Ana', at: 0, subject: 'Scale\u202e <b>up' }
  await open({ owner: { commit } })
  const note = await screen.findByRole('group', { name: 'Commit' })
  expect(note.textContent).toMatch(/^Scale.* <b>up, Ana, .* ago$/)
  expect(note.textContent).not.toContain('\u202e')
  expect(note.getAttribute('data-tooltip')).toContain(commit.sha)
})

describe('the word of the banner', () => {
  const owner = driftOwner({ cluster: 'c', group: 'g', kind: 'k', namespace: '', name: 'n' }, 0)
  it.each([
    ['equal digests', {}, 'ok', 'Rendered exactly as the controller did (digest equal)'],
    ['other digests', { fidelity: { ...verified, word: 'differs' } }, 'drifted', 'Digest differs'],
    ['no digest', { fidelity: { ...verified, word: 'none' } }, 'unknown', 'No digest to compare'],
    ['equal digests, no dry-run', { isApproximate: true }, 'unknown', 'Approximate: compared without dry-run'],
  ] as const)('for %s', (_, more, tone, title) => {
    expect(fidelityWord({ ...owner, ...more })).toMatchObject({ tone, title })
  })
})

describe('the model of the tab', () => {
  const owner = { cluster: 'c', group: 'g', kind: 'k', namespace: '', name: 'n' }

  it('counts what drifts and says apart what is missing, too much or not known', () => {
    expect(treeCounts(appsObjects(owner, 0))).toEqual({
      objects: '7 of 47 objects',
      details: '9 fields, 1 missing, 1 not in Git, 1 not known',
    })
  })

  it('groups by kind, too', () => {
    const headings = driftTree(appsObjects(owner, 0), 'kind').filter(({ object }) => object === null)
    expect(headings.map(({ heading }) => heading).slice(0, 3)).toEqual(['ConfigMap', 'CronJob', 'Deployment'])
  })

  it('goes through drifting fields in the order of the text', () => {
    const fields = [driftField('b', 'b'), driftField('a', 'a'), driftField('x', 'x', { verdict: 'notOwned' })]
    const marks = [
      { field: 'a', gitLine: 3, liveLine: 3 },
      { field: 'b', gitLine: 9, liveLine: 0 },
      { field: 'x', gitLine: 0, liveLine: 1 },
    ]
    expect(changesOf(fields, marks)).toEqual(['a', 'b'])
    expect(changesOf([fields[2]!], marks)).toEqual(['x'])
  })

  it('says what setting it back does', () => {
    const object = driftObject(owner, '', 'ConfigMap', 'a/b', 0, { risk: { level: 'high', text: 'restarts 5 pods' } })
    expect(setBackText(object)).toBe('Setting this field back restarts 5 pods.')
    expect(setBackText({ ...object, driftCount: 4 })).toBe('Setting these 4 back restarts 5 pods.')
    expect(setBackText({ ...object, action: 'pruned' })).toBe('Applying deletes it: restarts 5 pods.')
    const deletes = (text: string): DriftObject => ({ ...object, action: 'pruned', risk: { level: 'medium', text } })
    expect(setBackText(deletes('deletes it'))).toBe('Applying deletes it.')
    expect(setBackText(deletes('deletes a volume claim'))).toBe('Applying deletes a volume claim.')
    expect(setBackText({ ...object, action: 'refused' })).toContain('not known')
  })
})

describe('who changed a field', () => {
  const blame = { manager: 'kubectl-edit', operation: 'Update', subresource: '', at: 5000 } as const

  it('is a guess where it was removed, and said so', () => {
    expect(blameText({ change: 'removed', blame } as DriftField)).toBe('probably removed by kubectl-edit, Update')
    expect(blameText({ change: 'changed', blame } as DriftField)).toBe('kubectl-edit, Update')
    expect(blameText({ change: 'removed', blame: null } as DriftField)).toBe('Who removed it is not recorded')
  })
})
