import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openApp } from '../mount.tsx'

test('Overview names what needs attention, failures first', async () => {
  await openApp('view/overview')
  const attention = await screen.findByRole('region', { name: 'Needs attention' })
  expect(attention.querySelector('li')?.textContent).toContain('flux-system/apps')
  expect(screen.getByRole('link', { name: '4 Failed' })).toBeTruthy()
})
