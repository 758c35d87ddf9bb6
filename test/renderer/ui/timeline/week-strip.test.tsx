import '../../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { Range } from '../../../../renderer/ui/timeline/week-strip.tsx'
import { WeekStrip } from '../../../../renderer/ui/timeline/week-strip.tsx'

const hour = 3_600_000

it('draws what failed, was suspended, was not reached or not watched, each with its name', () => {
  const { container } = render(
    <WeekStrip
      range={{ from: 0, until: 100 * hour }}
      buckets={[]}
      gaps={[]}
      closed={[]}
      bands={[
        { kind: 'off', cluster: 'c', from: 0, until: 25 * hour },
        { kind: 'failing', cluster: 'c', from: 50 * hour, until: 60 * hour },
        { kind: 'unreachable', cluster: 'c', from: 70 * hour, until: 71 * hour },
        { kind: 'suspended', cluster: 'c', from: 90 * hour, until: 200 * hour },
      ]}
      brush={null}
      onBrush={() => undefined}
    />,
  )
  const bands = [...container.querySelectorAll<HTMLElement>('[data-band]')]
  expect(bands.map((band) => [band.dataset['band'], band.style.left, band.style.width])).toEqual([
    ['suspended', '90%', '10%'],
    ['failing', '50%', '10%'],
    ['unreachable', '70%', '1%'],
    ['off', '0%', '25%'],
  ])
  const text = screen.getByRole('slider').getAttribute('aria-valuetext') ?? ''
  expect(text).toBe('All of it, suspended 10h 00m, failing 10h 00m, unreachable 1h 00m, not watched 1d')
})

it('names each day that has room for its name before the strip ends', () => {
  const day = (offset: number, hours = 0): number => new Date(2026, 8, 10 + offset, hours).getTime()
  const strip = (from: number): readonly string[] => {
    const { container, unmount } = render(
      <WeekStrip
        range={{ from, until: from + 7 * 24 * hour }}
        buckets={[]}
        gaps={[]}
        closed={[]}
        brush={null}
        onBrush={() => undefined}
      />,
    )
    const texts = [...container.querySelectorAll<HTMLElement>('[role=slider] > i')].map(
      (each) => each.textContent ?? '',
    )
    unmount()
    return texts.filter((text) => text !== '')
  }
  const all = ['Fri 11', 'Sat 12', 'Sun 13', 'Mon 14', 'Tue 15', 'Wed 16']
  expect(strip(day(0, 1))).toEqual(all)
  expect(strip(day(0, 12))).toEqual([...all, 'Thu 17'])
})

it('has room for what is still to come, and chooses nothing of it', () => {
  const now = Date.now()
  const range = { from: now - 99 * hour, until: now + hour }
  const chosen = { brush: null as Range | null }
  const element = () => (
    <WeekStrip
      range={range}
      buckets={[]}
      gaps={[]}
      closed={[]}
      brush={chosen.brush}
      onBrush={(next) => (chosen.brush = next)}
    />
  )
  const { rerender } = render(element())
  const strip = screen.getByRole('slider')
  for (let count = 0; count < 40; count++) {
    fireEvent.keyDown(strip, { key: 'ArrowRight' })
    expect(chosen.brush?.until).toBeLessThanOrEqual(Date.now())
    expect(chosen.brush?.from).toBeLessThan(chosen.brush?.until ?? 0)
    rerender(element())
  }
  strip.getBoundingClientRect = () => ({ left: 0, right: 1000, width: 1000 }) as DOMRect
  fireEvent.pointerDown(strip, { clientX: 900 })
  fireEvent.pointerMove(strip, { clientX: 1000 })
  fireEvent.pointerUp(strip, { clientX: 1000 })
  expect(chosen.brush?.from).toBe(now - 9 * hour)
  expect(chosen.brush?.until).toBeGreaterThanOrEqual(now)
  expect(chosen.brush?.until).toBeLessThanOrEqual(Date.now())
})
