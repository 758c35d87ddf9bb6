import { mount } from '../../support/app.tsx'
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RepositoriesView } from '../../../../renderer/features/repositories/repositories-view.tsx'
import { navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import { formatPlace, parsePlace } from '../../../../renderer/stores/repositories.ts'
import { viewRoute } from '../../../../renderer/app/routes.ts'
import type { RepositoryItem, RepositoryMatch } from '../../../../shared/model/repository.ts'
import { failure } from '../../support/fake-bridge.ts'
import type { FakeBridge } from '../../support/fake-bridge.ts'
import { answerOutput, entryItem, fileItem, objectOf, publish, repository, treeItem } from './sample-repository.ts'

// jsdom cannot draw the editor: the text stands where it would be drawn.
vi.mock('../../../../renderer/editor/document-view.tsx', () => ({
  DocumentView: ({
    label,
    text,
    marks,
  }: {
    label: string
    text: string
    marks: { focus: number; hunks: unknown[] }
  }) => (
    <pre aria-label={label} data-focus={marks.focus} data-hunks={marks.hunks.length}>
      {text}
    </pre>
  ),
}))

const text = 'kind: ConfigMap\nmetadata:\n  name: settings\n  namespace: apps\n'
const objects = [objectOf('ConfigMap', 'settings', 1), objectOf('Deployment', 'web', 8)]

/** Back to the folders, which forgets the place; streams end with their linger, so that the next test opens its own. */
afterEach(() => {
  vi.useFakeTimers()
  act(() => navigate(viewRoute('repositories', 'folders')))
  vi.advanceTimersByTime(10_000)
  vi.useRealTimers()
})

function show(items: readonly RepositoryItem[], prepare: (bridge: FakeBridge) => void = () => undefined): FakeBridge {
  const { bridge } = mount(<RepositoriesView />, (mounted) => {
    publish(mounted.bridge, items)
    answerOutput(mounted.bridge, objects, text)
    prepare(mounted.bridge)
  })
  act(() => navigate(viewRoute('repositories', repository)))
  return bridge
}

const place = () => {
  const { route } = navigationStore.getState()
  return parsePlace(route.page === 'view' ? route.filter : '')
}

describe('folders', () => {
  it('are opened by the native dialog, by a path that is confirmed, or again', async () => {
    const { bridge } = mount(<RepositoriesView />, (mounted) => {
      publish(mounted.bridge, [treeItem()])
      mounted.bridge.answer('repository.pick', () => ({ ok: true, value: { repository: null } }))
      mounted.bridge.answer('repository.openPath', () => ({ ok: true, value: { repository } }))
    })
    act(() => navigate(viewRoute('repositories', 'folders')))
    fireEvent.click(screen.getByRole('button', { name: 'Open a folder…' }))
    await waitFor(() => expect(bridge.calls.at(-1)?.name).toBe('repository.pick'))
    fireEvent.change(screen.getByRole('textbox', { name: 'Path of a folder' }), { target: { value: ' ~/fleet ' } })
    fireEvent.click(screen.getByRole('button', { name: 'Open' }))
    await waitFor(() => expect(place().repository).toBe(repository))
    expect(bridge.calls.find(({ name }) => name === 'repository.openPath')?.input).toEqual({ path: '~/fleet' })
  })

  it('are forgotten on request', async () => {
    const { bridge } = mount(<RepositoriesView />, (mounted) => publish(mounted.bridge, []))
    act(() => navigate(viewRoute('repositories', 'folders')))
    fireEvent.click(screen.getByRole('button', { name: 'Forget fleet' }))
    await waitFor(() => expect(bridge.calls.at(-1)).toEqual({ name: 'repository.forget', input: { repository } }))
  })

  it('that a link names and nobody opened are said to be unknown', () => {
    mount(<RepositoriesView />, (mounted) => mounted.bridge.publish('repositories.watch', []))
    act(() => navigate(viewRoute('repositories', 'fedcba9876543210')))
    expect(screen.getByText(/names a folder that was not opened/)).toBeTruthy()
  })
})

describe('a repository', () => {
  const web = entryItem('web')
  const root = entryItem('cluster', { links: [{ to: web.key, relation: 'declares' }] })

  it('shows its Kustomizations below what declares them, the output of one and where it comes from', async () => {
    show([treeItem(), web, root, fileItem('apps/web')])
    const tree = await screen.findByRole('treegrid', { name: 'Flux Kustomizations' })
    const rows = within(tree).getAllByRole('row').slice(1)
    expect(rows.map((row) => [row.getAttribute('aria-level'), row.getAttribute('aria-label')])).toEqual([
      ['1', 'flux-system/cluster, Rendered, 2 objects'],
      ['2', 'flux-system/web, Rendered, 2 objects'],
    ])
    expect((await screen.findByLabelText('Output of flux-system/cluster', { selector: 'pre' })).textContent).toBe(text)
    expect(await screen.findByText('clusters/cluster.yaml is gone')).toBeTruthy()
    fireEvent.click(await screen.findByRole('option', { name: 'ConfigMap apps/settings' }))
    expect(place().object).toBe('/ConfigMap/apps/settings')
    const source = await screen.findByLabelText('Source file')
    expect(source.textContent).toContain('# apps/web/settings.yaml')
    expect(source.dataset['focus']).toBe('1')
  })

  it('opens the file of the object in the editor', async () => {
    const bridge = show([treeItem(), web], (prepared) =>
      prepared.answer('repository.openInEditor', () => ({ ok: true, value: { editor: 'Visual Studio Code' } })),
    )
    fireEvent.click(await screen.findByRole('option', { name: 'Deployment apps/web' }))
    const source = screen.getByRole('complementary', { name: 'Source' })
    fireEvent.click(within(source).getByRole('button', { name: /Open in editor/ }))
    await waitFor(() =>
      expect(bridge.calls.find(({ name }) => name === 'repository.openInEditor')?.input).toEqual({
        repository,
        file: 'apps/web/web.yaml',
        line: 1,
      }),
    )
  })

  it('shows what the last save changed, in the tree, the list and the text', async () => {
    const changed = { ...web, revision: 2, changedCount: 2 }
    const bridge = show([treeItem(), web])
    await screen.findByRole('option', { name: 'ConfigMap apps/settings' })
    answerOutput(
      bridge,
      [
        objectOf('ConfigMap', 'settings', 1, {
          change: 'changed',
          hunks: [{ line: 3, added: 1, removed: ['  name: old'] }],
        }),
      ],
      text,
      { revision: 2, removed: ['Deployment apps/web'] },
    )
    act(() =>
      bridge.push('repository.watch', [
        changed,
        treeItem({
          change: 1,
          lastChange: {
            at: Date.now(),
            files: ['apps/web/settings.yaml'],
            fileCount: 1,
            entryCount: 1,
            objectCount: 2,
            isComplete: true,
          },
        }),
      ]),
    )
    expect(await screen.findByRole('option', { name: 'ConfigMap apps/settings, changed' })).toBeTruthy()
    expect(screen.getByText(/settings\.yaml · 2 objects in 1 Kustomization changed/)).toBeTruthy()
    expect(screen.getByRole('status', { name: 'Changes' }).textContent).toContain('1 changed, 1 removed of 1 object')
    expect(screen.getByLabelText('Output of flux-system/web', { selector: 'pre' }).dataset['hunks']).toBe('1')
    expect(screen.getByText('− Deployment apps/web')).toBeTruthy()
  })

  it('tells a build that fails by file and line, with the ways there', async () => {
    const error = { code: 'InvalidYaml', message: 'apps/web/x.yaml: bad', remedy: '', file: 'apps/web/x.yaml', line: 7 }
    const bridge = show([treeItem(), { ...web, state: 'failed', error }], (prepared) =>
      answerOutput(prepared, [], '', { error }),
    )
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('flux-system/web cannot be built')
    expect(within(alert).getByText('apps/web/x.yaml:7')).toBeTruthy()
    fireEvent.click(within(alert).getByRole('button', { name: 'apps/web/x.yaml:7' }))
    expect((await screen.findByLabelText('Source file')).dataset['focus']).toBe('7')
    fireEvent.click(within(alert).getByRole('button', { name: 'Open in editor' }))
    await waitFor(() =>
      expect(bridge.calls.find(({ name }) => name === 'repository.openInEditor')?.input).toMatchObject({ line: 7 }),
    )
  })

  it('says what is unknown in an output', async () => {
    show([treeItem(), { ...web, assumptionCount: 1 }], (bridge) =>
      answerOutput(bridge, objects, text, {
        assumptions: [
          {
            kind: 'unknownVariables',
            message: 'Two variables come from a Secret of the cluster',
            names: ['DOMAIN', 'TZ'],
            file: 'clusters/web.yaml',
            line: 9,
          },
        ],
      }),
    )
    expect(await screen.findByText(/The controller may apply something else/)).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Show it' }))
    expect(screen.getByText('Two variables come from a Secret of the cluster')).toBeTruthy()
    expect(screen.getByText('clusters/web.yaml:9')).toBeTruthy()
  })

  it('reveals a hidden value on request and hides it again', async () => {
    const secret = objectOf('Secret', 'login', 1, { hidden: ['data.password'] })
    const bridge = show([treeItem(), web], (prepared) => {
      answerOutput(prepared, [secret], text, { hiddenCount: 1 })
      prepared.answer('repository.reveal', () => ({ ok: true, value: { value: 'aHVudGVyMg==', decoded: 'hunter2' } }))
    })
    fireEvent.click(await screen.findByRole('option', { name: 'Secret apps/login' }))
    expect(screen.queryByText('hunter2')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: 'Reveal data.password' }))
    expect(await screen.findByText('hunter2')).toBeTruthy()
    expect(bridge.calls.at(-1)?.input).toMatchObject({ object: secret.key, field: 'data.password', revision: 1 })
    fireEvent.click(screen.getByRole('button', { name: 'Hide data.password' }))
    expect(screen.queryByText('hunter2')).toBeNull()
  })

  it('finds in all rendered objects and goes to a match', async () => {
    const { key, group, kind, namespace, name, line, lineCount } = objects[1] ?? objectOf('', '', 0)
    const match: RepositoryMatch = {
      entry: root.key,
      object: { key, group, kind, namespace, name, line, lineCount },
      line: 10,
      text: 'image: oci.example/web:1',
      start: 7,
      end: 18,
    }
    show([treeItem(), web, root], (bridge) =>
      bridge.answer('repository.find', () => ({
        ok: true,
        value: { matches: [match], total: 1, objectCount: 4, waitingCount: 0 },
      })),
    )
    const box = await screen.findByRole('searchbox', { name: 'Find in all rendered objects' })
    fireEvent.focus(box)
    fireEvent.change(box, { target: { value: 'oci.example' } })
    const option = await screen.findByRole('option', { name: /Deployment apps\/web, line 10/ })
    expect(within(option).getByText('oci.example').tagName).toBe('MARK')
    fireEvent.click(option)
    expect(place()).toEqual({ repository, entry: root.key, object: '/Deployment/apps/web' })
    expect(screen.queryByRole('region', { name: 'Found' })).toBeNull()
  })

  it('offers plain builds where no Flux Kustomization is found', async () => {
    show([treeItem(), fileItem('apps/web', { state: 'ready', revision: 1 })])
    expect(await screen.findByText('No Flux Kustomization in this folder.')).toBeTruthy()
    expect(screen.getByRole('treegrid', { name: 'Kustomization files' })).toBeTruthy()
    expect(await screen.findByLabelText('Output of apps/web', { selector: 'pre' })).toBeTruthy()
  })

  it.each([
    ['missing', 'fleet is gone'],
    ['forbidden', 'You may not read fleet'],
    ['failed', 'fleet could not be read'],
  ] as const)('%s has its own state', async (state, title) => {
    const error = state === 'failed' ? failure('Internal', 'It broke').error : null
    show([treeItem({ state, error }), web])
    expect(await screen.findByText(title)).toBeTruthy()
    expect(screen.queryByRole('treegrid')).toBeNull()
  })

  it('without any Kustomization says so', async () => {
    show([treeItem()])
    expect(await screen.findByText('No Kustomization in fleet')).toBeTruthy()
  })

  it('treats names and messages as text of strangers', async () => {
    const odd = entryItem('web', { key: 'flux|x|y', name: 'a\u202eb<img src=x>', note: '<b>' })
    show([treeItem({ name: 'f\u202elt' }), odd])
    const tree = await screen.findByRole('treegrid')
    expect(tree.textContent).not.toContain('\u202e')
    expect(document.querySelector('img')).toBeNull()
    expect(formatPlace({ repository, entry: odd.key })).not.toContain('|')
  })
})
