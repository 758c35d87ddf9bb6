import { connect } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Operation, OperationItem, Stage } from '../../../../shared/model/actions.ts'
import { GateLayer } from '../../../../renderer/features/gate/gate-layer.tsx'
import { behaviourOf, suspendToastMs } from '../../../../renderer/features/gate/use-toasts.tsx'
import { showFailure } from '../../../../renderer/stores/toasts.ts'
import { toastMs } from '../../../../renderer/ui/toast/toast-queue.ts'
import { failure } from '../../support/fake-bridge.ts'
import { planItem, planOf } from '../../support/sample-fleet.ts'

const stages = (...states: Stage['state'][]): readonly Stage[] =>
  (['requested', 'fetched', 'applied', 'healthy'] as const).map((name, index) => ({
    name,
    state: states[index] ?? 'waiting',
    message: states[index] === 'running' ? 'Applying 12 of 48' : '',
    at: null,
  }))

function operation(mounted: Mounted, more: Partial<Operation> = {}, item: Partial<OperationItem> = {}): Operation {
  return {
    key: 'op-1',
    action: 'suspend',
    title: 'Suspend',
    startedAt: mounted.now - 41_000,
    endedAt: mounted.now,
    total: 1,
    done: 1,
    failed: 0,
    refused: 0,
    state: 'done',
    item: { key: 'i', ref: mounted.fleet.apps.ref, state: 'done', stages: [], error: null, message: '', ...item },
    undoUntil: null,
    ...more,
  }
}

function start(): Mounted {
  const mounted = connect(({ bridge }) => {
    bridge.answer('plan.prepare', ({ action, refs }) => ({
      ok: true,
      value: planOf(
        action,
        refs.map((ref) => planItem(ref)),
      ),
    }))
    bridge.answer('plan.execute', () => ({ ok: true, value: { operation: 'op-2' } }))
    bridge.answer('operation.undo', () => ({ ok: true, value: { operation: 'op-3' } }))
  })
  render(<GateLayer />)
  return mounted
}

const push = (mounted: Mounted, ...operations: Operation[]): void =>
  act(() => mounted.bridge.push('operations.watch', operations))

describe('how long an operation stays', () => {
  it('10 s with Undo for a suspend, 6 s for the rest, for ever while running or failed', () => {
    const mounted = start()
    expect(behaviourOf(operation(mounted))).toEqual({ role: 'status', durationMs: suspendToastMs })
    expect(behaviourOf(operation(mounted, { action: 'reconcile' }))).toEqual({ role: 'status', durationMs: toastMs })
    expect(behaviourOf(operation(mounted, { state: 'running' })).durationMs).toBeNull()
    expect(behaviourOf(operation(mounted, { state: 'failed' }))).toEqual({ role: 'alert', durationMs: null })
    expect(behaviourOf(operation(mounted, { refused: 1 }))).toEqual({ role: 'alert', durationMs: null })
  })
})

describe('the toast of a suspend', () => {
  it('offers Undo', async () => {
    const mounted = start()
    push(mounted, operation(mounted, { undoUntil: mounted.now + 10_000 }))
    expect(screen.getByText('Suspended flux-system/apps')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }))
    await waitFor(() =>
      expect(mounted.bridge.calls.at(-1)).toEqual({ name: 'operation.undo', input: { operation: 'op-1' } }),
    )
  })

  it('takes reason and until on the spot, by a plan of their own', async () => {
    const mounted = start()
    push(mounted, operation(mounted))
    fireEvent.click(screen.getByRole('button', { name: 'Add reason' }))
    fireEvent.change(screen.getByLabelText('Reason'), { target: { value: 'INC-2041' } })
    fireEvent.change(screen.getByLabelText('Until'), { target: { value: 'hour' } })
    fireEvent.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(mounted.bridge.calls.at(-1)?.name).toBe('plan.execute'))
    const prepared = mounted.bridge.calls.find((call) => call.name === 'plan.prepare')?.input
    expect(prepared).toMatchObject({ action: 'annotate', reason: 'INC-2041', refs: [mounted.fleet.apps.ref] })
    await waitFor(() => expect(screen.queryByLabelText('Reason')).toBeNull())
  })
})

describe('the toast of a reconciliation', () => {
  it('is one toast whose four stages move', () => {
    const mounted = start()
    const running = { action: 'reconcileWithSource', state: 'running', endedAt: null, done: 0 } as const
    push(mounted, operation(mounted, running, { state: 'running', stages: stages('done', 'running') }))
    push(mounted, operation(mounted, running, { state: 'running', stages: stages('done', 'done', 'running') }))
    const list = screen.getByRole('list', { name: 'Stages' })
    expect(
      within(list)
        .getAllByRole('listitem')
        .map((item) => item.getAttribute('aria-label')),
    ).toEqual(['Requested: done', 'Fetched: done', 'Applied: running', 'Healthy: waiting'])
    expect(screen.getByText('Applying 12 of 48')).toBeTruthy()
    push(
      mounted,
      operation(mounted, { action: 'reconcileWithSource' }, { stages: stages('done', 'done', 'done', 'done') }),
    )
    expect(screen.getByText('Reconciled flux-system/apps with source in 41s')).toBeTruthy()
    expect(screen.getAllByRole('status')).toHaveLength(1)
  })

  it('becomes an alert that stays where it stopped, with a new plan offered when the object moved', () => {
    const mounted = start()
    push(
      mounted,
      operation(
        mounted,
        { action: 'reconcile', state: 'failed', failed: 1 },
        { state: 'failed', stages: stages('failed'), error: failure('PlanMoved', 'It changed').error },
      ),
    )
    expect(screen.getByRole('alert').textContent).toContain('It changed')
    fireEvent.click(screen.getByRole('button', { name: 'Prepare again' }))
    expect(screen.getByRole('dialog', { name: 'Reconcile flux-system/apps' })).toBeTruthy()
  })

  it('says once what stage, message and detail all say', () => {
    const mounted = start()
    const error = {
      ...failure('ReconcileFailed', 'build failed: no such file').error,
      detail: 'build failed: no such file',
    }
    const failed = stages('failed').map((stage) =>
      stage.state === 'failed' ? { ...stage, message: 'build failed: no such file' } : stage,
    )
    push(
      mounted,
      operation(
        mounted,
        { action: 'reconcile', state: 'failed', failed: 1 },
        { state: 'failed', stages: failed, error },
      ),
    )
    expect(screen.getByRole('alert').textContent?.split('no such file')).toHaveLength(2)
  })
})

describe('bulk and other messages', () => {
  it('lead to a report with a result per object, failures first', async () => {
    const mounted = start()
    mounted.bridge.publish('operation.items', [
      { key: '1', ref: mounted.fleet.apps.ref, state: 'done', stages: [], error: null, message: '' },
      {
        key: '2',
        ref: mounted.fleet.waiting.ref,
        state: 'refused',
        stages: [],
        error: failure('Forbidden', 'You may not patch it').error,
        message: '',
      },
    ])
    push(mounted, operation(mounted, { item: null, total: 2, done: 2, refused: 1, state: 'failed' }))
    fireEvent.click(screen.getByRole('button', { name: 'Report' }))
    const dialog = screen.getByRole('dialog')
    await waitFor(() => expect(within(dialog).getAllByRole('listitem')).toHaveLength(2))
    expect(within(dialog).getAllByRole('listitem')[0]?.textContent).toContain('You may not patch it')
  })

  it('never show history, and show a refused call as an alert', () => {
    const mounted = connect(({ bridge, fleet, now }) =>
      bridge.publish('operations.watch', [operation({ bridge, fleet, now })]),
    )
    render(<GateLayer />)
    expect(screen.queryByText('Suspended flux-system/apps')).toBeNull()
    act(() => showFailure(failure('Forbidden', 'You may not', 'Ask for patch.').error))
    expect(screen.getByRole('alert').textContent).toContain('Ask for patch.')
    expect(mounted.bridge.calls.filter((call) => call.name === 'plan.prepare')).toEqual([])
  })
})
