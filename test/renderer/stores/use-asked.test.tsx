import { act, render } from '@testing-library/react'
import { expect, test } from 'vitest'
import { useAsked } from '../../../renderer/stores/use-asked.ts'

interface Asked {
  readonly what: string
  readonly isGone: () => boolean
  readonly answer: () => void
}

function Asking({ id, turn, asked }: { readonly id: string; readonly turn: number; readonly asked: Asked[] }): null {
  useAsked(
    id,
    turn,
    (isGone) => new Promise((resolve) => asked.push({ what: `${id}${turn}`, isGone, answer: resolve })),
  )
  return null
}

test('asks one at a time: news waits for the answer, however late, and then is asked for once', async () => {
  const asked: Asked[] = []
  const answer = (index: number): Promise<void> => act(async () => asked[index]?.answer())
  const { rerender, unmount } = render(<Asking id="a" turn={1} asked={asked} />)
  for (const turn of [2, 3, 4]) rerender(<Asking id="a" turn={turn} asked={asked} />)
  expect(asked.map(({ what }) => what)).toEqual(['a1'])
  // It is late, and still wanted.
  expect(asked[0]?.isGone()).toBe(false)
  await answer(0)
  expect(asked.map(({ what }) => what)).toEqual(['a1', 'a4'])
  await answer(1)
  expect(asked).toHaveLength(2)
  rerender(<Asking id="a" turn={5} asked={asked} />)
  expect(asked.map(({ what }) => what)).toEqual(['a1', 'a4', 'a5'])
  // Another question is asked at once: nobody wants the answer to the one before.
  rerender(<Asking id="b" turn={5} asked={asked} />)
  expect(asked.map(({ what }) => what)).toEqual(['a1', 'a4', 'a5', 'b5'])
  expect([asked[2]?.isGone(), asked[3]?.isGone()]).toEqual([true, false])
  await answer(2)
  await answer(3)
  unmount()
  expect(asked).toHaveLength(4)
  expect(asked[3]?.isGone()).toBe(true)
})
