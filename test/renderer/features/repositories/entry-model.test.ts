import { describe, expect, it } from 'vitest'
import { contentOf, graphOfEntries, including, rowsOf } from '../../../../renderer/features/repositories/entry-model.ts'
import { objectAt } from '../../../../renderer/features/repositories/output-pane.tsx'
import { documentAround } from '../../../../renderer/features/repositories/source-pane.tsx'
import { documentText, readOutput } from '../../../../renderer/features/repositories/use-output.ts'
import { entryItem, fileItem, objectOf } from './sample-repository.ts'

function contentWith(...entries: ReturnType<typeof entryItem>[]): ReturnType<typeof contentOf> {
  return contentOf(new Map(entries.map((entry) => [entry.key, entry])))
}

describe('the graph', () => {
  it('runs from what includes to what is included, and from a dependency to what waits for it', () => {
    const content = contentWith(
      entryItem('b', {
        links: [
          { to: entryItem('a').key, relation: 'dependsOn' },
          { to: 'build|x', relation: 'path' },
        ],
      }),
      entryItem('a'),
      fileItem('x', {
        links: [
          { to: 'build|y', relation: 'resource' },
          { to: 'gone', relation: 'resource' },
        ],
      }),
      fileItem('y'),
    )
    const edges = (hasFiles: boolean) =>
      graphOfEntries(content, hasFiles).edges.map(({ from, to, relation }) => [from, to, relation])
    expect(edges(false)).toEqual([[entryItem('a').key, entryItem('b').key, 'dependsOn']])
    expect(edges(true)).toEqual([
      [entryItem('a').key, entryItem('b').key, 'dependsOn'],
      [entryItem('b').key, 'build|x', 'includes'],
      ['build|x', 'build|y', 'includes'],
    ])
  })

  it('puts a file below the first that includes it', () => {
    const content = contentWith(
      fileItem('x', { links: [{ to: 'build|y', relation: 'component' }] }),
      fileItem('w', { links: [{ to: 'build|y', relation: 'resource' }] }),
      fileItem('y'),
    )
    expect(rowsOf(content.files, including).map(({ id, parent }) => [id, parent])).toEqual([
      ['build|w', null],
      ['build|x', null],
      ['build|y', 'build|w'],
    ])
  })
})

it('a line belongs to the object whose lines hold it, the mark before the next one included', () => {
  const objects = [objectOf('A', 'a', 1, { lineCount: 3 }), objectOf('B', 'b', 5, { lineCount: 2 })]
  expect([1, 3, 4, 5, 6, 9].map((line) => objectAt(objects, line)?.kind ?? null)).toEqual([
    'A',
    'A',
    'A',
    'B',
    'B',
    null,
  ])
})

it('a document reaches from mark to mark', () => {
  const text = 'a: 1\n---\nb: 1\nb: 2\n\n--- # c\nc: 1\n'
  expect([1, 3, 4, 7].map((line) => documentAround(text, line))).toEqual([
    { from: 1, to: 1 },
    { from: 3, to: 4 },
    { from: 3, to: 4 },
    { from: 7, to: 7 },
  ])
})

it('an output that is rendered anew while it is read is read again from its head', async () => {
  let revision = 1
  const calls: string[] = []
  const state = await readOutput('r', 'e', new AbortController().signal, (async (
    name: string,
    input: { revision?: number },
  ) => {
    calls.push(name)
    if (name === 'repository.output') return { ok: true, value: { revision, objectCount: 1, length: 4 } }
    if (input.revision !== 2) {
      revision = 2
      return { ok: false, error: { code: 'Gone', message: '', remedy: '', detail: '', retry: 'transient' } }
    }
    return name === 'repository.objects'
      ? { ok: true, value: { objects: [objectOf('A', 'a', 1)] } }
      : { ok: true, value: { text: 'a: 1', offset: 0, total: 4 } }
  }) as never)
  expect(state?.output).toMatchObject({ text: 'a: 1', head: { revision: 2 } })
  expect(calls.filter((name) => name === 'repository.output')).toHaveLength(2)
})

it('SECURITY 13: text for the editor hides and reorders nothing, and keeps its lines', () => {
  const text = 'a: \u202eevil\u2066\nb: \u2028c\n\u001b[31md: 1\n'
  expect(documentText(text)).toBe('a: \ufffdevil\ufffd\nb: \ufffdc\nd: 1\n')
  expect(documentText('a: 1\n')).toBe('a: 1\n')
})
