/** Pictures of Repositories: a folder, its output, what a save changes, what breaks, what is unknown, what is hidden. No cluster. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LaunchedApp } from '../app/launch.ts'
import { openLink } from './camera.ts'
import type { Camera } from './camera.ts'
import { writeSampleFolder } from './sample-folder.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

export const repositoryPictures = [
  'repository',
  'repository-change',
  'repository-error',
  'repository-unknown',
  'repository-secret',
  'repository-graph',
  'repository-find',
  'repository-plain',
  'repository-empty',
  'repository-gone',
  'repositories',
]

/** The native dialog answers with this folder. */
async function openFolder({ app, page }: LaunchedApp, folder: string): Promise<void> {
  await app.evaluate(({ dialog }, path) => {
    const native = dialog as unknown as { showOpenDialog: unknown }
    native.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
  }, folder)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('>open a repository folder')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: folder.split('/').at(-1) ?? '', exact: true }).waitFor()
}

export async function photographRepositories(launched: LaunchedApp, camera: Camera, scene: Scene): Promise<void> {
  const { page } = launched
  const folder = join(launched.dataDir, 'fleet')
  const edited = await writeSampleFolder(folder)
  const text = await readFile(edited, 'utf8')
  const settled = (): Promise<unknown> =>
    page.waitForFunction(() => document.querySelector('[role=row][aria-label*="Rendering"]') === null)
  const choose = async (entry: string, object: RegExp | null): Promise<void> => {
    await page.getByRole('row', { name: new RegExp(`^flux-system/${entry},`) }).click()
    if (object !== null) await page.getByRole('option', { name: object }).click()
    await page.getByRole('complementary', { name: 'Source' }).locator('.view-line').first().waitFor()
  }
  await page.getByRole('button', { name: 'Open a Git repository' }).waitFor()
  await openFolder(launched, folder)
  await page.getByRole('row', { name: /^flux-system\/podinfo, Rendered/ }).waitFor()
  await settled()
  await scene(['repository'], launched, async () => {
    await choose('podinfo', /^Deployment/)
    await camera.take('repository', launched)
  })
  await scene(['repository-change'], launched, async () => {
    await choose('podinfo', /^Deployment/)
    await writeFile(edited, text.replace('value: info', 'value: debug').replace('256Mi', '512Mi'))
    await page.getByRole('status', { name: 'Changes' }).waitFor()
    await camera.take('repository-change', launched)
  })
  await scene(['repository-error'], launched, async () => {
    await choose('podinfo', null)
    await writeFile(edited, text.replace('spec:', 'spec: {'))
    await page.getByRole('heading', { name: /cannot be built/ }).waitFor()
    await camera.take('repository-error', launched)
    await writeFile(edited, text)
    await page.getByRole('option', { name: /^Deployment/ }).waitFor()
  })
  await scene(['repository-unknown'], launched, async () => {
    await choose('payments', null)
    await page.getByText('Partly unknown.').waitFor()
    await page.getByRole('button', { name: /^Show (it|all)/ }).click()
    await camera.take('repository-unknown', launched)
  })
  await scene(['repository-secret'], launched, async () => {
    await choose('podinfo', /^Secret/)
    await camera.take('repository-secret', launched)
  })
  await scene(['repository-graph'], launched, async () => {
    await choose('podinfo', null)
    await page.getByRole('radio', { name: 'Graph' }).click()
    await page.locator('.react-flow__node').first().waitFor()
    await camera.take('repository-graph', launched)
    await page.getByRole('radio', { name: 'Output' }).click()
  })
  await scene(['repository-find'], launched, async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('kind:Deployment image:')
    await page.getByRole('listbox', { name: 'Matches' }).waitFor()
    await camera.take('repository-find', launched)
  })
  await scene(['repositories'], launched, async () => {
    await openLink(launched, 'view/repositories?filter=folders')
    await page.getByRole('list', { name: 'Folders' }).waitFor()
    await camera.take('repositories', launched)
  })
  await scene(['repository-plain'], launched, async () => {
    await openFolder(launched, join(folder, 'apps', 'podinfo'))
    await page.getByText('No Flux Kustomization in this folder.').waitFor()
    await settled()
    await camera.take('repository-plain', launched)
  })
  const empty = join(launched.dataDir, 'notes')
  await mkdir(empty)
  await scene(['repository-empty', 'repository-gone'], launched, async () => {
    await openFolder(launched, empty)
    await page.getByRole('heading', { name: 'No Kustomization in notes' }).waitFor()
    await camera.take('repository-empty', launched)
    await rename(empty, `${empty}-moved`)
    await page.getByRole('heading', { name: 'notes is gone' }).waitFor()
    await camera.take('repository-gone', launched)
  })
}
