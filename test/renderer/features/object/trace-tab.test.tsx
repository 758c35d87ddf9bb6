import { act, fireEvent, screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { objectRoute, parseRoute } from '../../../../renderer/app/routes.ts'
import { ObjectPage } from '../../../../renderer/features/object/object-page.tsx'
import { goBack, navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { ObjectTrace, TraceStep } from '../../../../shared/model/trace.ts'
import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'

const sha = 'abcdef1'.padEnd(40, '2')

function traceOf(ref: ObjectRef, now: number, more: Partial<TraceStep> = {}, isComplete = true): ObjectTrace {
  const root = { ...ref, name: 'flux-system' }
  const source = { ...ref, group: 'source.toolkit.fluxcd.io', kind: 'GitRepository', name: 'fleet' }
  return {
    key: refKey(ref),
    object: { ref, status: 'Ready', message: '', at: now - 86_400_000 },
    makers: [],
    steps: [
      {
        object: ref,
        owner: { ref: root, status: 'Ready', message: '', at: now - 60_000 },
        via: 'inventory',
        revision: `main@sha1:${sha}`,
        attempted: '',
        originRevision: '',
        originUrl: '',
        path: './clusters/staging',
        source: {
          ref: source,
          status: 'Ready',
          message: '',
          at: now - 120_000,
          revision: `main@sha1:${sha}`,
          url: 'https://git.test/fleet',
        },
        place: { file: 'clusters/staging/apps.yaml', line: 3 },
        placeNote: '',
        commit: { sha, author: 'Ann Lee', at: now - 3_600_000, subject: 'Two replicas\u202e' },
        commitNote: '',
        ...more,
      },
    ],
    isComplete,
    note: '',
  }
}

async function open(trace: (of: Mounted) => ObjectTrace): Promise<Mounted> {
  const mounted = mount(<ObjectPage />, (each) => each.bridge.publish('trace.watch', [trace(each)]))
  act(() => navigate(objectRoute('staging', mounted.fleet.apps.ref, 'trace')))
  await screen.findByRole('tabpanel')
  return mounted
}

describe('the trace of an object', () => {
  it('is a chain from the commit over source and Kustomization to the object, each a link', async () => {
    const { bridge, fleet } = await open(({ fleet: { apps }, now }) => traceOf(apps.ref, now))
    const links = await screen.findAllByRole('listitem')
    expect(links.map(({ textContent }) => textContent?.replaceAll(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/Two replicas.*abcdef1.*Ann Lee, 1h/),
      expect.stringMatching(/fleet.*main@sha1:abcdef1.*fetched 2m.*git\.test/),
      expect.stringMatching(/flux-system.*main@sha1:abcdef1.*applied 1m.*clusters\/staging/),
      expect.stringMatching(/apps.*created 1d.*clusters\/staging\/apps\.yaml:3/),
    ])
    expect(links[0]?.textContent).not.toContain('\u202e')
    bridge.answer('drift.openOrigin', () => ({ ok: true, value: { editor: 'Code' } }))
    fireEvent.click(screen.getByRole('button', { name: 'Open clusters/staging/apps.yaml:3 in the editor' }))
    expect(bridge.calls.at(-1)).toMatchObject({ name: 'drift.openOrigin', input: { ref: fleet.apps.ref } })
    fireEvent.click(within(links[0]!).getByRole('button', { name: 'Where is this change?' }))
    expect(navigationStore.getState().route).toMatchObject({ view: 'history', filter: `commit:${sha}` })
    // Back, so that the stream ends with the test.
    act(() => goBack())
    await screen.findByRole('tabpanel')
  })

  it('says what is not known: a file that no source has, a commit behind a host, an owner by its labels only', async () => {
    await open(({ fleet: { apps }, now }) =>
      traceOf(apps.ref, now, {
        via: 'labels',
        place: null,
        placeNote: 'No file of the source names it',
        commit: null,
        commitNote: 'its author is known once the host is allowed',
        attempted: `main@sha1:${'9'.repeat(40)}`,
      }),
    )
    expect(await screen.findByText('No file of the source names it')).toBeTruthy()
    expect(screen.getByText('its author is known once the host is allowed')).toBeTruthy()
    expect(screen.getByText(/Only its labels say so/)).toBeTruthy()
    expect(screen.getByText(/Could not apply main@sha1:9999999/)).toBeTruthy()
  })

  it('shows what the cluster says before Git has answered', async () => {
    await open(({ fleet: { apps }, now }) =>
      traceOf(apps.ref, now, { place: null, placeNote: '', commit: null, commitNote: '' }, false),
    )
    expect(await screen.findByText('Looking it up…')).toBeTruthy()
    expect(screen.getByText('Looking for its file…')).toBeTruthy()
  })

  it('has a link of its own, and says where nothing applies an object', async () => {
    await open(({ fleet: { apps }, now }) => ({ ...traceOf(apps.ref, now), steps: [], note: 'It was made by hand.' }))
    expect(await screen.findByText('Nothing applies it')).toBeTruthy()
    expect(screen.getByText('It was made by hand.')).toBeTruthy()
    const route = parseRoute('sluice://context/staging/apps/Deployment/shop/web/trace')
    expect(route).toMatchObject({ page: 'object', tab: 'trace' })
  })
})
