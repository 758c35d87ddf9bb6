import { describe, expect, it } from 'vitest'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { afterText } from '../../../renderer/graph/graph-list.tsx'
import { elkGraphOf, maxDrawnNodes, placedOf, roundedPath } from '../../../renderer/graph/layout.ts'
import { filterGraph, graphOfRows, neighbourhoodOf } from '../../../renderer/graph/model.ts'
import { cyclesOf, rankNodes } from '../../../renderer/graph/rank.ts'
import { fluxRow, ks, ref, src } from '../support/sample-fleet.ts'

const k = (name: string) => ref('Kustomization', name, 'flux-system', ks)
const row = (name: string, dependsOn: readonly string[] = [], word: FluxRow['status']['word'] = 'Ready'): FluxRow =>
  fluxRow(k(name), word, { dependsOn: dependsOn.map(k), source: null })
const titles = (nodes: readonly { readonly title: string }[]): string[] => nodes.map((node) => node.title)

describe('the graph of rows', () => {
  it('links dependencies and sources, from what comes first', () => {
    const source = fluxRow(ref('GitRepository', 'flux-system', 'flux-system', src), 'Ready')
    const model = graphOfRows(
      [source, fluxRow(k('a'), 'Ready'), fluxRow(k('b'), 'Waiting', { dependsOn: [k('a')] })],
      'c-staging',
    )
    expect(model.edges.map((edge) => [edge.relation, edge.from, edge.to, edge.isBlocked])).toEqual([
      ['source', source.key, refKey(k('a')), false],
      ['source', source.key, refKey(k('b')), false],
      ['dependsOn', refKey(k('a')), refKey(k('b')), false],
    ])
  })

  it('marks an edge blocked where a waiting object waits for one that is not ready', () => {
    const model = graphOfRows([row('a', [], 'Failed'), row('b', ['a'], 'Waiting')], 'c-staging')
    expect(model.edges[0]?.isBlocked).toBe(true)
  })

  it('shows what is named and missing as NotFound, and other clusters not at all', () => {
    const other = fluxRow({ ...k('z'), cluster: 'c-other' }, 'Ready', { source: null })
    const model = graphOfRows([row('a', ['gone']), other], 'c-staging')
    expect(model.nodes.map((node) => [node.title, node.word])).toEqual([
      ['flux-system/a', 'Ready'],
      ['flux-system/gone', 'NotFound'],
    ])
  })

  it('keeps what comes before and after an object, and leaves siblings out', () => {
    const model = graphOfRows(
      [row('root'), row('mid', ['root']), row('leaf', ['mid']), row('sibling', ['root'])],
      'c-staging',
    )
    expect(titles(neighbourhoodOf(model, refKey(k('mid'))).nodes)).toEqual([
      'flux-system/root',
      'flux-system/mid',
      'flux-system/leaf',
    ])
  })

  it('filters nodes with their edges', () => {
    const model = graphOfRows([row('a'), row('b', ['a']), row('c', ['b'])], 'c-staging')
    const kept = filterGraph(model, (node) => node.title !== 'flux-system/b')
    expect(titles(kept.nodes)).toEqual(['flux-system/a', 'flux-system/c'])
    expect(kept.edges).toEqual([])
  })
})

describe('ranks', () => {
  it('are the longest way from the beginning', () => {
    const model = graphOfRows([row('d', ['a', 'c']), row('c', ['b']), row('b', ['a']), row('a')], 'c-staging')
    expect(rankNodes(model).map(({ node, rank }) => [node.title, rank])).toEqual([
      ['flux-system/a', 0],
      ['flux-system/b', 1],
      ['flux-system/c', 2],
      ['flux-system/d', 3],
    ])
  })

  it('put failures first among equals', () => {
    const model = graphOfRows([row('a'), row('z', [], 'Failed')], 'c-staging')
    expect(titles(rankNodes(model).map(({ node }) => node))).toEqual(['flux-system/z', 'flux-system/a'])
  })

  it('find cycles, loops onto oneself, and still rank what is outside', () => {
    const model = graphOfRows(
      [row('a', ['b']), row('b', ['a']), row('self', ['self']), row('after', ['a'])],
      'c-staging',
    )
    const cycles = cyclesOf(model).map((cycle) => [...cycle].sort())
    expect(cycles).toHaveLength(2)
    expect(cycles).toContainEqual([refKey(k('a')), refKey(k('b'))].sort())
    const ranked = rankNodes(model)
    expect(
      ranked
        .filter((each) => each.isInCycle)
        .map(({ node }) => node.title)
        .sort(),
    ).toEqual(['flux-system/a', 'flux-system/b', 'flux-system/self'])
    expect(ranked.find(({ node }) => node.title === 'flux-system/after')?.rank).toBe(1)
    expect(afterText(ranked[0]!)).toContain('in a cycle')
  })

  it('take a chain of 5,000 without recursion and in time', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => row(`n${index}`, index === 0 ? [] : [`n${index - 1}`]))
    const model = graphOfRows(rows, 'c-staging')
    expect(model.nodes.length).toBeGreaterThan(maxDrawnNodes)
    expect(neighbourhoodOf(model, refKey(k('n2500'))).nodes).toHaveLength(5000)
    expect(rankNodes(model).at(-1)?.rank).toBe(4999)
    expect(cyclesOf(model)).toEqual([])
  })
})

describe('layout', () => {
  it('gives elk every node once and no loop onto oneself', () => {
    const graph = elkGraphOf(graphOfRows([row('a', ['a']), row('b', ['a'])], 'c-staging'))
    expect(graph.children).toHaveLength(2)
    expect(graph.edges).toHaveLength(1)
  })

  it('reads positions and routes back', () => {
    const placed = placedOf({
      id: 'graph',
      width: 10,
      children: [{ id: 'a', x: 1, y: 2 }],
      edges: [
        {
          id: 'e',
          sources: ['a'],
          targets: ['b'],
          sections: [{ id: 's', startPoint: { x: 0, y: 0 }, bendPoints: [{ x: 5, y: 0 }], endPoint: { x: 5, y: 9 } }],
        },
      ],
    })
    expect(placed.positions.get('a')).toEqual({ x: 1, y: 2 })
    expect(placed.routes.get('e')).toHaveLength(3)
    expect(roundedPath(placed.routes.get('e') ?? [], 2)).toBe('M 0 0 L 3 0 Q 5 0 5 2 L 5 9')
    expect(roundedPath([])).toBe('')
  })
})
