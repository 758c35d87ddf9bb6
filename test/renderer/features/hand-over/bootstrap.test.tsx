import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { HandOverLayer } from '../../../../renderer/features/hand-over/hand-over-layer.tsx'
import { openHandOver } from '../../../../renderer/stores/hand-over.ts'
import type { BootstrapPlan, BootstrapRepository } from '../../../../shared/model/bootstrap.ts'
import type { HandOverPlan } from '../../../../shared/model/hand-over.ts'
import { mount } from '../../support/app.tsx'
import { failure } from '../../support/fake-bridge.ts'

const digest = `sha256:${'a'.repeat(64)}`
const source = {
  cluster: 'c',
  group: 'source.toolkit.fluxcd.io',
  kind: 'GitRepository',
  namespace: 'apps',
  name: 'fleet',
}
const repository: BootstrapRepository = {
  cluster: 'c',
  source,
  url: 'https://git.example.invalid/org/fleet',
  protocol: 'https',
  host: 'git.example.invalid:443',
  repository: 'https://git.example.invalid/org/fleet',
  branch: 'trunk',
  secretName: 'git',
  isHostAllowed: true,
  usesOwnCredentials: false,
}
const bootstrap: BootstrapPlan = {
  repository: repository.url,
  branch: 'trunk',
  head: 'b'.repeat(40),
  path: 'clusters/lab',
  author: { name: 'Flux', email: '' },
  pushesWith: 'secret',
  commits: ['Add Flux sync manifests'],
  files: [
    { path: 'clusters/lab/flux-system/gotk-sync.yaml', action: 'changed', added: 1, removed: 1, isForeign: true },
    { path: 'clusters/lab/flux-system/kustomization.yaml', action: 'kept', added: 0, removed: 0, isForeign: false },
  ],
  objects: [{ kind: 'Secret', namespace: 'flux-system', name: 'flux-system', action: 'created' }],
  secretKeys: ['password', 'username'],
  applied: [{ path: 'clusters/lab/apps.yaml', objects: ['Namespace shop'] }],
  appliedCount: 1,
}

function planOf(context: string, more: Partial<HandOverPlan>): HandOverPlan {
  return {
    digest,
    isInstalled: false,
    context,
    contextName: 'lab',
    cluster: 'c',
    isProduction: false,
    namespace: 'flux-system',
    manifests: { origin: 'program', label: '/bin/flux', version: 'v2.9.5', digest },
    components: [],
    objects: [],
    clusterAdmins: [],
    sources: [],
    kustomizations: [],
    notWaitedFor: [],
    suspended: [],
    begins: [],
    beginCount: 0,
    bootstrap: null,
    notes: [],
    refusal: null,
    ...more,
  }
}

it('plans with what is filled in, shows files with their difference, and begins by the digest', async () => {
  const asked: unknown[] = []
  const { bridge, fleet } = mount(<HandOverLayer />, ({ bridge: to }) => {
    to.publish('handOver.watch', [])
    to.answer('handOver.ways', () => ({
      ok: true,
      value: { program: { path: '/bin/flux', version: 'v2.9.5', problem: null }, releaseHost: '' },
    }))
    to.answer('bootstrap.repositories', () => ({ ok: true, value: { items: [repository] } }))
    to.answer('handOver.plan', ({ context, bootstrap: target }) => {
      asked.push(target)
      return { ok: true, value: planOf(context, { bootstrap: target === undefined ? null : bootstrap }) }
    })
    to.answer('handOver.diff', () => ({ ok: true, value: { text: '--- a\n+++ b\n@@ -1 +1 @@\n-mine\n+Flux’s' } }))
    to.answer('handOver.start', () => ({ ok: true, value: null }))
  })
  openHandOver(fleet.contexts[0]!.key)
  const dialog = within(await screen.findByRole('dialog'))
  await dialog.findByText('Install Flux v2.9.5 and hand over')
  fireEvent.click(dialog.getByLabelText('Also put Flux under Git (bootstrap)'))
  await dialog.findByText('Push, install Flux v2.9.5 and hand over')
  expect(asked.at(-1)).toMatchObject({ source, branch: 'trunk', secret: 'source', author: { name: 'Flux', email: '' } })
  expect(dialog.getByText(/often for reading only/)).toBeTruthy()

  const facts = dialog.getByLabelText('What is put under Git').textContent
  expect(facts).toContain('trunk, at bbbbbbb; it is never forced')
  expect(facts).toContain('gotk-sync.yaml is replaced, and does not say that Flux made it')
  expect(facts).toContain('password, username (values are shown nowhere)')
  expect(dialog.getByText('kept, yours')).toBeTruthy()
  const row = dialog.getByLabelText(/gotk-sync.yaml, changed/)
  const details = row.closest('details')!
  details.open = true
  fireEvent(details, new Event('toggle'))
  await waitFor(() => expect(dialog.getByLabelText(/^Difference of/).textContent).toContain('-mine'))

  fireEvent.change(dialog.getByLabelText('Folder of the cluster'), { target: { value: '../up' } })
  expect(dialog.getByText('A folder inside the repository, such as clusters/home.')).toBeTruthy()
  const off = (text: string): boolean =>
    dialog.getByText(text).closest('button')?.getAttribute('aria-disabled') === 'true'
  await waitFor(() => expect(off('Move to the cluster')).toBe(true))
  fireEvent.change(dialog.getByLabelText('Folder of the cluster'), { target: { value: '/clusters/home/' } })
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ path: 'clusters/home' }), { timeout: 3000 })
  const label = 'Push, install Flux v2.9.5 and hand over'
  await dialog.findByText(label)
  await waitFor(() => expect(off(label)).toBe(false))
  fireEvent.click(dialog.getByText(label))
  await waitFor(() => expect(bridge.calls.filter(({ name }) => name === 'handOver.start').length).toBe(1))
})

it('takes a repository that no source names once its user has confirmed it, and says what is no address', async () => {
  const own: BootstrapRepository = {
    ...repository,
    source: null,
    url: 'ssh://git@git.example.invalid/org/own',
    protocol: 'ssh',
    secretName: '',
    isHostAllowed: false,
  }
  const asked: unknown[] = []
  let items: BootstrapRepository[] = []
  const { bridge, fleet } = mount(<HandOverLayer />, ({ bridge: to }) => {
    to.publish('handOver.watch', [])
    to.answer('handOver.ways', () => ({ ok: true, value: { program: null, releaseHost: '' } }))
    to.answer('bootstrap.repositories', () => ({ ok: true, value: { items } }))
    to.answer('bootstrap.addRepository', ({ url }) => {
      asked.push(url)
      if (url === 'nonsense') return failure('Invalid', 'nonsense is no address of a repository', 'Give its address.')
      // The first time its user says no to main.
      if (asked.length === 2) return { ok: true, value: { repository: null } }
      items = [own]
      return { ok: true, value: { repository: own } }
    })
    to.answer('hosts.allow', () => ({ ok: true, value: null }))
  })
  // Another context than above: what was filled in there is kept.
  openHandOver(fleet.contexts[1]!.key)
  const dialog = within(await screen.findByRole('dialog'))
  fireEvent.click(await dialog.findByLabelText('Also put Flux under Git (bootstrap)'))
  const address = await dialog.findByLabelText('Address')
  const use = (text: string): void => {
    fireEvent.change(address, { target: { value: text } })
    fireEvent.click(dialog.getByRole('button', { name: 'Use it…' }))
  }
  use('nonsense')
  await dialog.findByText(/nonsense is no address of a repository/)
  use('git@git.example.invalid:org/own')
  await waitFor(() => expect(asked).toHaveLength(2))
  expect(dialog.queryByLabelText('Repository')).toBeNull()
  use('git@git.example.invalid:org/own')
  const chosen = await dialog.findByLabelText('Repository')
  expect(chosen.textContent).toContain('ssh://git@git.example.invalid/org/own (named by you)')
  fireEvent.click(await dialog.findByRole('button', { name: 'Allow git.example.invalid:443' }))
  await waitFor(() =>
    expect(bridge.calls.find(({ name }) => name === 'hosts.allow')?.input).toEqual({
      cluster: 'c',
      host: 'git.example.invalid:443',
      isAllowed: true,
    }),
  )
})
