/** What the diff gives to Monaco: the pane is recorded, everything before it is real. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { DiffPane, PaneTexts } from '../../../renderer/editor/diff-pane.ts'
import type { DiffMark } from '../../../renderer/editor/diff-marks.ts'
import { createDiffEditor } from '../../../renderer/editor/diff-editor.ts'
import type { DiffEditor, DiffState } from '../../../renderer/editor/diff-editor.ts'
import { largeShapes, largeTexts } from '../../fixtures/fake-host/large-texts.ts'
import type { LargeShape } from '../../fixtures/fake-host/large-texts.ts'

interface Given {
  readonly texts: PaneTexts
  readonly marks: readonly DiffMark[]
}
let given: Given[] = []
let outlined: string[] = []
let openFold: (index: number) => void = () => undefined
let matched: readonly { readonly line: number; readonly isCurrent: boolean }[] = []

vi.mock('../../../renderer/editor/diff-pane.ts', () => ({
  createDiffPane: (): DiffPane => ({
    open: (texts, marks) => {
      given.push({ texts, marks })
      return Promise.resolve(true)
    },
    setInline: () => undefined,
    setFolded: () => undefined,
    outline: (spans) => {
      const last = given.at(-1)
      if (spans !== null && last !== undefined) {
        const line = spans.live?.from ?? spans.git?.from ?? 0
        outlined.push(last.texts[spans.live === null ? 'git' : 'live'].split('\n')[line - 1]?.trim() ?? '')
      }
    },
    spanOf: (field) => {
      const mark = given.at(-1)?.marks.find((each) => each.field === field)
      const span = (line: number): { from: number; to: number } | null => (line > 0 ? { from: line, to: line } : null)
      return mark === undefined ? null : { git: span(mark.gitLine), live: span(mark.liveLine) }
    },
    showMatches: (matches) => void (matched = matches),
    scrollTop: () => 0,
    setScrollTop: () => undefined,
    onLayout: () => undefined,
    onScroll: () => undefined,
    onKey: () => undefined,
    onField: () => undefined,
    onFold: (listener) => void (openFold = listener),
    onCompared: () => undefined,
    focus: () => undefined,
    find: () => undefined,
    dispose: () => undefined,
  }),
}))

const linesOf = ({ texts }: Given): number => Math.max(texts.git.split('\n').length, texts.live.split('\n').length)

beforeEach(() => {
  given = []
  outlined = []
  matched = []
})

async function opened(
  shape: LargeShape,
): Promise<{ readonly editor: DiffEditor; readonly state: () => DiffState | undefined }> {
  const editor = createDiffEditor(document.createElement('div'), 'ConfigMap large')
  let state: DiffState | undefined
  editor.onState((next) => void (state = next))
  const { git, live, marks } = largeTexts(shape, 0).texts
  await editor.open(
    git,
    live,
    marks.map((mark) => ({ ...mark, isQuiet: false })),
  )
  return { editor, state: () => state }
}

describe('createDiffEditor', () => {
  it.each(largeShapes)('never sets all of ten thousand lines (%s)', async (shape) => {
    const { editor, state } = await opened(shape)
    for (let part = 1; part < Math.min(state()?.partCount ?? 0, 4); part += 1) editor.turn(part)
    editor.setFolded(false)
    editor.setInline(true)
    expect(given.length).toBeGreaterThan(2)
    for (const each of given) {
      expect(linesOf(each)).toBeLessThanOrEqual(380)
      expect(each.marks.length).toBeLessThanOrEqual(380)
    }
  })

  it('goes with the current field into the part that has it, under its own line numbers', async () => {
    const { editor, state } = await opened('half')
    expect(state()).toMatchObject({ part: 0, firstChange: 1, changeCount: 5000 })
    editor.show('f7002')
    await vi.waitFor(() => expect(outlined.at(-1)).toBe('key-07002: value changed'))
    const last = given.at(-1)
    const line = last?.marks.find(({ field }) => field === 'f7002')?.liveLine ?? 0
    expect(last?.texts.liveNumbers?.[line - 1]).toBe(7006)
    expect(state()?.change).toBe(3502)
  })

  it('steps over all changes, across parts and round at the ends', async () => {
    const { editor, state } = await opened('tenth')
    const first = state()?.lastChange ?? 0
    for (let step = 0; step <= first; step += 1) {
      editor.step(1)
      await vi.waitFor(() => expect(state()?.change).toBe(step + 1))
    }
    expect(state()?.part).toBe(1)
    await vi.waitFor(() => expect(outlined.at(-1)).toBe(`key-${String(first * 10).padStart(5, '0')}: value changed`))
    editor.turn(0)
    editor.step(-1)
    await vi.waitFor(() => expect(state()?.change).toBe(first))
  })

  it('tells a field that is one block of ten thousand lines in every part of it', async () => {
    const { editor, state } = await opened('block')
    expect(state()?.partCount).toBeGreaterThan(30)
    editor.turn(20)
    expect(given.at(-1)?.marks).toEqual([{ field: 'rules', gitLine: 1, liveLine: 1, isQuiet: false }])
    expect(state()).toMatchObject({ firstChange: 1, lastChange: 1, changeCount: 1 })
  })

  it('finds in the whole, and opens the fold that a match is in', async () => {
    const { editor } = await opened('few')
    expect(given.at(-1)?.texts.live).not.toContain('key-05000')
    expect(await editor.search('KEY-05000')).toMatchObject({ found: [] })
    expect((await editor.search('key-05000'))?.found).toHaveLength(1)
    editor.showMatch(0)
    await vi.waitFor(() => expect(given.at(-1)?.texts.live).toContain('key-05000: value 5000'))
    await vi.waitFor(() => expect(matched.some(({ isCurrent }) => isCurrent)).toBe(true))
    const before = given.length
    openFold(0)
    expect(given).toHaveLength(before + 1)
    expect(given.at(-1)?.texts.git).toContain('key-00001')
  })

  it('shows small texts whole', async () => {
    const editor = createDiffEditor(document.createElement('div'), 'ConfigMap small')
    await editor.open('a: 1\nb: 2\n', 'a: 1\nb: 3\n', [])
    expect(given).toHaveLength(1)
    expect(given[0]?.texts).toMatchObject({ git: 'a: 1\nb: 2', live: 'a: 1\nb: 3', canFold: true, gitNumbers: null })
    expect(editor.find()).toBe(true)
  })
})
