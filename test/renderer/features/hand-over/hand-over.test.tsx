import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { HandOverLayer } from '../../../../renderer/features/hand-over/hand-over-layer.tsx'
import { openHandOver } from '../../../../renderer/stores/hand-over.ts'
import type { HandOverPlan, HandOverState } from '../../../../shared/model/hand-over.ts'
import { handOverStages } from '../../../../shared/model/hand-over.ts'
import { mount } from '../../support/app.tsx'
import { failure } from '../../support/fake-bridge.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const refOf = (kind: string, name: string) => ({ cluster: 'c', group: 'g', kind, namespace: 'apps', name })

function planOf(context: string, more: Partial<HandOverPlan> = {}): HandOverPlan {
  return {
    digest: digest('a'),
    isInstalled: false,
    context,
    contextName: 'lab',
    cluster: 'c',
    isProduction: false,
    namespace: 'flux-system',
    manifests: { origin: 'program', label: '/bin/flux install --export', version: 'v2.9.5', digest: digest('f') },
    components: [{ name: 'source-controller', image: 'example.invalid/source-controller:v1', begins: 'waiting' }],
    objects: [
      { kind: 'Deployment', namespace: 'flux-system', name: 'source-controller', action: 'created' },
      { kind: 'Namespace', namespace: '', name: 'flux-system', action: 'unchanged' },
    ],
    clusterAdmins: ['kustomize-controller'],
    sources: [refOf('GitRepository', 'fleet')],
    kustomizations: [refOf('Kustomization', 'shop')],
    notWaitedFor: [],
    suspended: [{ ref: refOf('Kustomization', 'payments'), mode: 'held' }],
    begins: [{ ref: refOf('HelmRelease', 'loki'), why: 'Hosted mode does not install Helm releases.' }],
    beginCount: 1,
    bootstrap: null,
    notes: ['The controllers wait for the leases.'],
    refusal: null,
    ...more,
  }
}

function stateOf(context: string, more: Partial<HandOverState> = {}): HandOverState {
  return {
    key: context,
    context,
    contextName: 'lab',
    state: 'running',
    stages: handOverStages.map((name) => ({ name, state: 'waiting', message: '', done: 0, total: 0 })),
    isCancelable: true,
    hasTakenOver: false,
    watched: 0,
    moved: [],
    pending: [],
    error: null,
    startedAt: 1,
    endedAt: null,
    ...more,
  }
}

const releaseHost = 'releases.example'
const program = { path: '/bin/flux', version: 'v2.9.5', problem: null }
const offOf = (button: HTMLElement): string | null =>
  button.getAttribute('aria-disabled') === 'true' ? button.getAttribute('aria-description') : null

describe('Move to the cluster', () => {
  it('plans with the user’s own flux, wants production ticked, and begins by the digest of what was seen', async () => {
    const { bridge, fleet } = mount(<HandOverLayer />, ({ bridge: to }) => {
      to.publish('handOver.watch', [])
      to.answer('handOver.ways', () => ({ ok: true, value: { program, releaseHost } }))
      to.answer('handOver.plan', ({ context }) => ({ ok: true, value: planOf(context, { isProduction: true }) }))
      to.answer('handOver.start', () => ({ ok: true, value: null }))
    })
    const { key } = fleet.contexts[0]!
    openHandOver(key)
    const dialog = within(await screen.findByRole('dialog'))
    const begin = await dialog.findByRole('button', { name: /^Install Flux v2.9.5/ })
    const facts = dialog.getByLabelText('What it would do').textContent
    expect(facts).toContain('1 created, 0 changed, 1 left as they are')
    expect(facts).toContain('kustomize-controller (cluster-admin)')
    expect(facts).toContain('1 suspended, and so they stay (1 manual or held)')
    expect(facts).toContain('1 object that hosted mode does not run')
    dialog.getByText('example.invalid/source-controller:v1')
    expect(bridge.calls.find(({ name }) => name === 'handOver.plan')?.input).toEqual({
      context: key,
      manifests: { kind: 'program' },
    })
    fireEvent.click(begin)
    expect(bridge.calls.some(({ name }) => name === 'handOver.start')).toBe(false)
    fireEvent.click(dialog.getByRole('checkbox', { name: /looks like production/ }))
    fireEvent.click(begin)
    await waitFor(() =>
      expect(bridge.calls.find(({ name }) => name === 'handOver.start')?.input).toEqual({
        context: key,
        digest: digest('a'),
      }),
    )
  })

  it('takes a file where there is no flux, and says what is wrong with it', async () => {
    const { bridge, fleet } = mount(<HandOverLayer />, ({ bridge: to }) => {
      to.publish('handOver.watch', [])
      to.answer('handOver.ways', () => ({ ok: true, value: { program: null, releaseHost } }))
      to.answer('handOver.pick', () => ({ ok: true, value: { picked: { id: 'p1', label: '~/flux.yaml' } } }))
      to.answer('handOver.plan', () => failure('Invalid', '~/flux.yaml: Secret x is no part', 'Choose another.'))
    })
    openHandOver(fleet.contexts[0]!.key)
    const dialog = within(await screen.findByRole('dialog'))
    await dialog.findByText('There is no flux on the PATH of your login shell.')
    expect(bridge.calls.some(({ name }) => name === 'handOver.plan')).toBe(false)
    fireEvent.click(dialog.getByRole('button', { name: 'File…' }))
    expect((await dialog.findByRole('alert')).textContent).toContain('Secret x is no part')
    dialog.getByText('~/flux.yaml')
    expect(bridge.calls.find(({ name }) => name === 'handOver.plan')?.input).toMatchObject({
      manifests: { kind: 'picked', id: 'p1' },
    })
    expect(offOf(dialog.getByRole('button', { name: /^Move to the cluster/ }))).toBe('Choose manifests first')
  })

  it('downloads a release only when told to, by the version and the checksum that were typed or pasted', async () => {
    const { bridge, fleet } = mount(<HandOverLayer />, ({ bridge: to }) => {
      to.publish('handOver.watch', [])
      to.answer('handOver.ways', () => ({ ok: true, value: { program: null, releaseHost } }))
      to.answer('handOver.plan', ({ context }) => ({ ok: true, value: planOf(context) }))
    })
    openHandOver(fleet.contexts[0]!.key)
    const dialog = within(await screen.findByRole('dialog'))
    const download = await dialog.findByRole('button', { name: `Download from ${releaseHost}` })
    const write = (label: string, value: string): boolean =>
      fireEvent.change(dialog.getByLabelText(label), { target: { value } })
    expect(offOf(download)).toBe('Say which version, such as v2.9.5')
    write('Version', '2.9.5')
    write('SHA-256 of its install.yaml', 'abc')
    dialog.getByText('64 hexadecimal digits')
    fireEvent.click(download)
    expect(bridge.calls.some(({ name }) => name === 'handOver.plan')).toBe(false)
    write('SHA-256 of its install.yaml', `${'AB'.repeat(32)}  install.yaml`)
    fireEvent.click(download)
    await dialog.findByRole('button', { name: /^Install Flux v2.9.5/ })
    expect(bridge.calls.find(({ name }) => name === 'handOver.plan')?.input).toMatchObject({
      manifests: { kind: 'release', version: 'v2.9.5', checksum: 'ab'.repeat(32) },
    })
  })

  it('shows the stages, cancels, and tells of the end', async () => {
    const { bridge, fleet } = mount(<HandOverLayer />, ({ bridge: to, fleet: of }) => {
      const pending = [{ ref: refOf('GitRepository', 'fleet'), why: 'authentication required' }]
      to.publish('handOver.watch', [stateOf(of.contexts[0]!.key, { pending })])
      to.answer('handOver.cancel', () => ({ ok: true, value: null }))
    })
    const { key } = fleet.contexts[0]!
    openHandOver(key)
    const dialog = within(await screen.findByRole('dialog'))
    expect(dialog.getByRole('list', { name: 'Waiting for' }).textContent).toContain('authentication required')
    const cancel = dialog.getByRole('button', { name: 'Cancel and undo' })
    cancel.focus()
    fireEvent.click(cancel)
    await waitFor(() =>
      expect(bridge.calls.find(({ name }) => name === 'handOver.cancel')?.input).toEqual({ context: key }),
    )
    bridge.publish('handOver.watch', [stateOf(key, { state: 'canceled', isCancelable: false, endedAt: 2 })])
    await dialog.findByText(/^Canceled: Sluice goes on hosting/)
    // The button that was pressed is gone; the keys are not.
    expect(screen.getByRole('dialog').contains(document.activeElement)).toBe(true)
    const stages = handOverStages.map((name) => ({ name, state: 'done' as const, message: '', done: 1, total: 1 }))
    bridge.publish('handOver.watch', [
      stateOf(key, { state: 'done', stages, isCancelable: false, watched: 3, endedAt: 3 }),
    ])
    await dialog.findByText(/3 objects were looked at before and after: none was changed/)
    expect(dialog.queryByRole('button', { name: 'Cancel and undo' })).toBeNull()
  })
})
