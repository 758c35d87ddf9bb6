import '../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { refKey } from '../../../shared/model/identity.ts'
import { GraphView } from '../../../renderer/graph/graph-view.tsx'
import { graphOfRows } from '../../../renderer/graph/model.ts'
import { fluxRow, ks, ref } from '../support/sample-fleet.ts'

const k = (name: string) => ref('Kustomization', name, 'flux-system', ks)
const model = (count: number) =>
  graphOfRows(
    Array.from({ length: count }, (_, index) =>
      fluxRow(k(`n${index}`), 'Ready', { source: null, dependsOn: index === 0 ? [] : [k(`n${index - 1}`)] }),
    ),
    'c-staging',
  )

describe('the graph', () => {
  it('of more than 500 objects is a ranked list, and says so', () => {
    const onOpen = vi.fn()
    render(<GraphView model={model(600)} current={refKey(k('n0'))} onOpen={onOpen} />)
    expect(screen.getByRole('note').textContent).toContain('600 objects are too many to draw')
    const items = screen.getAllByRole('listitem')
    expect(items.length).toBeLessThan(100)
    expect(items[0]?.getAttribute('aria-setsize')).toBe('600')
    fireEvent.click(screen.getByRole('button', { name: 'Kustomization flux-system/n1, Ready, after flux-system/n0' }))
    expect(onOpen).toHaveBeenCalledWith(k('n1'))
  })

  it('names a cycle', () => {
    const rows = [
      fluxRow(k('a'), 'Waiting', { source: null, dependsOn: [k('b')] }),
      fluxRow(k('b'), 'Waiting', { source: null, dependsOn: [k('a')] }),
    ]
    render(<GraphView model={graphOfRows(rows, 'c-staging')} current={refKey(k('a'))} onOpen={() => undefined} />)
    expect(screen.getByRole('note').textContent).toMatch(
      /These wait for each other.*flux-system\/[ab] → flux-system\/[ab]/,
    )
  })
})
