import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
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
