/** `npm run demo`: the playground starts by itself, without a kubeconfig and without a click. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { eventually, openView, readGrid } from '../app/window.ts'

let launched: LaunchedApp

beforeAll(async () => {
  launched = await launchApp({ args: ['--demo'] })
})
afterAll(() => launched?.close())

test('opens on the playground, hosted from the start', async () => {
  const { page } = launched
  const began = performance.now()
  await page.getByRole('option', { name: 'playground', exact: true, selected: true }).waitFor({ timeout: 90_000 })
  await openView(page, 'Kustomizations')
  await eventually(async () => expect((await readGrid(page, 'Kustomizations')).length).toBeGreaterThanOrEqual(15))
  await openView(page, 'Hosted', false)
  await page
    .getByRole('list', { name: 'Hosted contexts' })
    .getByText('Active', { exact: true })
    .waitFor({ timeout: 60_000 })
  console.info(`from the start to an active playground: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  expect(launched.complaints).toEqual([])
})
