/** Answers the engine's requests for what only main can do: dialogs, browser, clipboard, notifications. */
import { writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { BrowserWindow, clipboard, dialog, shell } from 'electron'
import type { ShellRequest } from '../../shared/contract/engine-thread.ts'

export async function answerShell(
  request: ShellRequest,
  /** null: the window alone. */
  openLink: (link: string | null) => void,
  dataDir: string,
): Promise<unknown> {
  switch (request.do) {
    case 'pickFiles':
      return pickers[request.kind]()
    case 'confirmFolder':
      return confirmFolder(request.path)
    case 'confirmRepository':
      return confirmRepository(request.url, request.context)
    case 'saveText':
      return saveText(request.name, request.text)
    case 'openExternal':
      return openExternal(request.url)
    case 'copyText':
      await clipboard.writeText(request.text)
      return null
    case 'notify': {
      const { showNotification } = await import('./notifications.ts')
      return showNotification(request, openLink)
    }
    default:
      // Few starts ever need it.
      return (await import('./secret-box.ts')).answerSecret(request, dataDir)
  }
}

const pickers = {
  kubeconfig: pickKubeconfigs,
  repository: pickFolder,
  manifests: () => pickManifests('openFile'),
  manifestsFolder: () => pickManifests('openDirectory'),
  key: pickKey,
} as const

/** SECURITY: item 9: the path goes to the engine, which hands the key to the cluster that the user chose; the window sees the path alone. */
async function pickKey(): Promise<readonly string[]> {
  const owner = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  const options: Electron.OpenDialogOptions = {
    title: 'A private SSH key for the cluster',
    buttonLabel: 'Choose',
    properties: ['openFile', 'showHiddenFiles'],
  }
  const result =
    owner === undefined ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(owner, options)
  return result.canceled ? [] : result.filePaths.slice(0, 1)
}

async function pickKubeconfigs(): Promise<readonly string[]> {
  const owner = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  const options: Electron.OpenDialogOptions = {
    title: 'Open a kubeconfig',
    buttonLabel: 'Add',
    properties: ['openFile', 'multiSelections', 'showHiddenFiles'],
  }
  const result =
    owner === undefined ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(owner, options)
  return result.canceled ? [] : result.filePaths
}

/** Elsewhere than on macOS a dialog shows files or folders, not both. */
async function pickManifests(what: 'openFile' | 'openDirectory'): Promise<readonly string[]> {
  const owner = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  const options: Electron.OpenDialogOptions = {
    title: 'Manifests of Flux',
    buttonLabel: 'Choose',
    ...(what === 'openFile' ? { filters: [{ name: 'YAML', extensions: ['yaml', 'yml'] }] } : {}),
    properties: [what],
  }
  const result =
    owner === undefined ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(owner, options)
  return result.canceled ? [] : result.filePaths.slice(0, 1)
}

async function pickFolder(): Promise<readonly string[]> {
  const owner = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  const options: Electron.OpenDialogOptions = {
    title: 'Open a repository',
    buttonLabel: 'Open',
    properties: ['openDirectory'],
  }
  const result =
    owner === undefined ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(owner, options)
  return result.canceled ? [] : result.filePaths.slice(0, 1)
}

/** SECURITY: item 7: where it goes is what the user chose here; the window and the engine propose no more than a name. */
async function saveText(name: string, text: string): Promise<string | null> {
  const owner = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  const ending = extname(name).slice(1)
  const options: Electron.SaveDialogOptions = {
    title: 'Save the report',
    buttonLabel: 'Save',
    defaultPath: basename(name),
    filters: [{ name: ending.toUpperCase(), extensions: [ending] }],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  }
  const { canceled, filePath } =
    owner === undefined ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(owner, options)
  if (canceled || filePath === '') return null
  await writeFile(filePath, text, { mode: 0o600 })
  return filePath
}

/** SECURITY: item 7: the window may name a folder only where the user, shown its path, says yes to it here. */
function confirmFolder(path: string): Promise<boolean> {
  return confirm('Open this folder as a repository?', path, 'Open')
}

/** SECURITY: items 7 and 10: a repository that no object of the cluster names is one only after the user said so here. */
function confirmRepository(url: string, context: string): Promise<boolean> {
  return confirm(`Use this repository for ${plain(context, 200)}?`, url, 'Use')
}

/** Control and direction characters could make it look like another one. */
const plain = (text: string, max: number): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}').slice(0, max)

async function confirm(message: string, detail: string, yes: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message,
    detail: plain(detail, 500),
    buttons: [yes, 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  return response === 0
}

/** SECURITY: item 5: the one guard for URLs that leave: parsed, https only, the user sees the host and decides (E15). */
async function openExternal(text: string): Promise<boolean> {
  let url
  try {
    url = new URL(text)
  } catch {
    return false
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return false
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `Open ${url.host} in your browser?`,
    detail: url.href.slice(0, 500),
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  if (response !== 0) return false
  await shell.openExternal(url.href)
  return true
}
