import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { webPreferences } from '../../electron/main/window-factory.ts'

const root = join(import.meta.dirname, '..', '..')

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true })
  return entries.filter((name) => /\.tsx?$/.test(name)).map((name) => join(root, folder, name))
}

test('SECURITY 1: the literal preferences of every window', () => {
  expect(webPreferences).toEqual({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    safeDialogs: true,
    backgroundThrottling: false,
    v8CacheOptions: 'bypassHeatCheck',
  })
})

test('SECURITY 1: no other place makes a window or loads anything but app://', async () => {
  const makers = []
  for (const file of [...(await sources('electron')), ...(await sources('renderer')), ...(await sources('shared'))]) {
    const text = await readFile(file, 'utf8')
    if (/new (BrowserWindow|BaseWindow|WebContentsView|BrowserView)\b/.test(text)) makers.push(file)
    if (/\.loadURL\(|\.loadFile\(/.test(text)) makers.push(file)
    expect(text, file).not.toMatch(
      /enableBlinkFeatures|disable-web-security|ignore-certificate-errors|enableRemoteModule/,
    )
  }
  expect([...new Set(makers)]).toEqual([join(root, 'electron/main/window-factory.ts')])
})

test('SECURITY 6: preload exposes three frozen things and no ipcRenderer', async () => {
  const text = await readFile(join(root, 'electron/preload/preload.ts'), 'utf8')
  expect(text.match(/exposeInMainWorld/g)).toHaveLength(1)
  expect(text).toContain('Object.freeze({')
  expect(text.match(/ipcRenderer\.(\w+)\(/g)).toEqual(['ipcRenderer.on(', 'ipcRenderer.send('])
})
