import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ReportButton } from '../../../../renderer/features/history/report-button.tsx'
import { toastsStore } from '../../../../renderer/stores/toasts.ts'
import { mount } from '../../support/app.tsx'
import { failure } from '../../support/fake-bridge.ts'

const range = { from: Date.parse('2026-09-16T10:00:00Z'), until: Date.parse('2026-09-16T11:00:00Z') }

describe('the report of a range', () => {
  it('needs a range, shows the text as it will be, and saves through the application', async () => {
    const asked: { format: string; title: string; from: number }[] = []
    const { bridge } = mount(<ReportButton query={{ clusters: ['c'] }} filter="is:failed" brush={range} />, (each) => {
      each.bridge.answer('history.report', (input) => {
        asked.push(input)
        return {
          ok: true,
          value: { preview: `# ${input.title} as ${input.format} <b>`, name: 'incident.md', entries: 12, isCut: true },
        }
      })
    })
    fireEvent.click(screen.getByRole('button', { name: 'Report…' }))
    expect(await screen.findByText('# Incident report as markdown <b>')).toBeTruthy()
    expect(screen.getByText(/12 entries/)).toBeTruthy()
    expect(screen.getByText(/the oldest are left out/)).toBeTruthy()
    fireEvent.click(screen.getByRole('radio', { name: 'HTML' }))
    fireEvent.change(screen.getByLabelText('Title'), { target: { value: 'Checkout down' } })
    expect(await screen.findByText('# Checkout down as html <b>')).toBeTruthy()
    expect(asked.at(-1)).toMatchObject({ ...range, format: 'html', filter: 'is:failed', query: { clusters: ['c'] } })
    bridge.answer('history.saveReport', () => failure('StorageFailed', 'The disk is full'))
    fireEvent.click(screen.getByRole('button', { name: /Save…/ }))
    await waitFor(() => expect(JSON.stringify(toastsStore.getState())).toContain('The disk is full'))
    expect(screen.getByRole('dialog')).toBeTruthy()
    bridge.answer('history.saveReport', () => ({ ok: true, value: { path: '/reports/incident.html' } }))
    fireEvent.click(screen.getByRole('button', { name: /Save…/ }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(bridge.calls.at(-1)).toMatchObject({
      name: 'history.saveReport',
      input: { title: 'Checkout down', format: 'html' },
    })
  })

  it('is off without a range', () => {
    mount(<ReportButton query={{}} filter="" brush={null} />)
    const button = screen.getByRole('button', { name: /Report…/ })
    expect(button.getAttribute('aria-disabled') ?? String((button as HTMLButtonElement).disabled)).toBe('true')
    fireEvent.click(button)
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})
