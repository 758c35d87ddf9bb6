import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { eventually } from '../app/window.ts'

let launched: LaunchedApp
beforeAll(async () => {
  launched = await launchApp()
  await launched.page.waitForFunction(() => document.documentElement.dataset['view'] !== undefined)
})
afterAll(() => launched?.close())

test('SECURITY 3: the built window loads without a single violation, and an injected inline script is blocked', async () => {
  const { page, complaints } = launched
  expect(complaints.filter((line) => /Content Security Policy|Refused to/i.test(line))).toEqual([])
  const outcome = await page.evaluate(
    () =>
      new Promise<{ ran: boolean; directive: string }>((resolve) => {
        document.addEventListener(
          'securitypolicyviolation',
          (event) => resolve({ ran: 'injected' in window, directive: event.effectiveDirective }),
          { once: true },
        )
        const script = document.createElement('script')
        script.textContent = 'window.injected = true'
        document.body.append(script)
      }),
  )
  expect(outcome).toEqual({ ran: false, directive: 'script-src-elem' })
})

test('SECURITY 3: eval and remote connections are blocked in the page', async () => {
  const outcome = await launched.page.evaluate(async () => {
    const attempt = async (act: () => unknown): Promise<string> => {
      try {
        await act()
        return 'allowed'
      } catch (error) {
        return error instanceof Error ? error.name : 'refused'
      }
    }
    const image = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const element = new Image()
        element.onload = resolve
        element.onerror = () => reject(new TypeError('blocked'))
        element.src = 'http://127.0.0.1:9/x.png'
      })
    return {
      fetch: await attempt(() => fetch('http://127.0.0.1:9/')),
      socket: await attempt(() => new WebSocket('ws://127.0.0.1:9/')).catch(() => 'refused'),
      image: await attempt(image),
    }
  })
  expect(outcome.fetch).toBe('TypeError')
  expect(outcome.image).toBe('TypeError')
  expect(await launched.page.evaluate(() => document.location.origin)).toBe('app://sluice')
})

test('SECURITY 1: the page has neither Node nor Electron', async () => {
  const globals = await launched.page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in globalThis),
  )
  expect(globals).toEqual([])
})

test('SECURITY 6: what preload exposes is frozen and says no more than it must', async () => {
  const bridge = await launched.page.evaluate(() => {
    const exposed = (window as unknown as { sluice: Record<string, unknown> }).sluice
    const before = exposed['nonce']
    try {
      exposed['nonce'] = 'mine'
    } catch {
      // Frozen objects throw in strict mode.
    }
    return { keys: Object.keys(exposed).sort(), isSame: exposed['nonce'] === before }
  })
  expect(bridge).toEqual({ keys: ['connect', 'nonce', 'platform'], isSame: true })
})

test('SECURITY 4: navigation, new windows and permissions are denied', async () => {
  const { app, page } = launched
  const url = page.url()
  const opened = await page.evaluate(() => window.open('app://sluice/index.html') === null)
  expect(opened).toBe(true)
  await page.evaluate(() => {
    const link = document.createElement('a')
    link.href = 'https://example.com/'
    document.body.append(link)
    link.click()
    link.remove()
  })
  const state = await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state)
  expect(state).toBe('denied')
  expect(page.url()).toBe(url)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('SECURITY 4: a page, a frame and a redirect that lead elsewhere are stopped before a request leaves, and web views are not attached', async () => {
  const { app, page } = launched
  const url = page.url()
  await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    if (window === undefined) throw new Error('No window')
    const stopped: string[] = []
    Object.assign(globalThis, { stopped })
    // After the guards' own listeners: what they left undone would be seen here.
    for (const name of ['will-navigate', 'will-frame-navigate'] as const)
      window.webContents.on(name as 'will-navigate', (event) =>
        stopped.push(`${name} ${event.url} ${String(event.defaultPrevented)}`),
      )
  })
  const stopped = (): Promise<string[]> =>
    app.evaluate(() => [...new Set((globalThis as unknown as { stopped: string[] }).stopped)].sort())
  await page.evaluate(() => {
    location.href = 'app://sluice/elsewhere.html'
  })
  // Stopped as a frame's, it is not even asked about as the page's.
  await eventually(async () =>
    expect(await stopped()).toEqual(['will-frame-navigate app://sluice/elsewhere.html true']),
  )
  // A frame has no place to go in this page at all.
  const refused = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
          once: true,
        })
        const frame = document.createElement('iframe')
        frame.src = 'app://sluice/framed.html'
        document.body.append(frame)
      }),
  )
  expect(refused).toBe('frame-src')
  // What a redirect and a web view would meet: the same guards hear both, whoever raises them.
  const left = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    return (['will-redirect', 'will-attach-webview'] as const).map((name) => {
      let isPrevented = false
      contents?.emit(name, { preventDefault: () => (isPrevented = true) }, {}, {})
      return isPrevented
    })
  })
  expect(left).toEqual([true, true])
  expect(page.url()).toBe(url)
  await page.evaluate(() => document.querySelector('iframe')?.remove())
  expect(await page.evaluate(() => 'getWebContentsId' in document.createElement('webview'))).toBe(false)
})

test('SECURITY 4: nothing is downloaded, and what asks for a permission is refused', async () => {
  const { app, page } = launched
  const isPrevented = await app.evaluate(
    ({ BrowserWindow, session }) =>
      new Promise<boolean>((resolve) => {
        session.defaultSession.once('will-download', (event) => resolve(event.defaultPrevented))
        BrowserWindow.getAllWindows()[0]?.webContents.downloadURL('app://sluice/index.html')
      }),
  )
  expect(isPrevented).toBe(true)
  const refusal = await page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve(0),
          ({ code }) => resolve(code),
        ),
      ),
  )
  // PERMISSION_DENIED: granted, it would have no position (2), or one.
  expect(refusal).toBe(1)
})

test('SECURITY 2: app:// serves the bundle and nothing around it', async () => {
  const answers = await launched.page.evaluate(async () => {
    const status = async (path: string): Promise<number> => (await fetch(path)).status
    return {
      index: await status('app://sluice/index.html'),
      main: await status('app://sluice/..%2fmain%2fmain.js'),
      package: await status('app://sluice/../../package.json'),
      post: (await fetch('app://sluice/index.html', { method: 'POST' })).status,
      types: (await fetch('app://sluice/index.html')).headers.get('x-content-type-options'),
    }
  })
  expect(answers).toEqual({ index: 200, main: 404, package: 404, post: 404, types: 'nosniff' })
})

test('SECURITY 7: a page of another origin gets no port', async () => {
  const sent = await launched.app.evaluate(async ({ BrowserWindow, ipcMain }) => {
    const listeners = ipcMain.listeners('sluice:connect') as ((event: unknown) => void)[]
    const [window] = BrowserWindow.getAllWindows()
    if (window === undefined) throw new Error('No window')
    let posted = 0
    const foreign = { id: window.webContents.id, mainFrame: {}, postMessage: () => (posted += 1) }
    for (const frame of [null, { origin: 'app://sluice' }, { origin: 'https://example.com' }]) {
      for (const listener of listeners) listener({ sender: foreign, senderFrame: frame })
    }
    for (const listener of listeners) listener({ sender: { ...foreign, id: 9999 }, senderFrame: foreign.mainFrame })
    // The window's own main frame, gone elsewhere.
    const elsewhere = { origin: 'https://example.com' }
    for (const listener of listeners) listener({ sender: { ...foreign, mainFrame: elsewhere }, senderFrame: elsewhere })
    const refused = posted
    // What does get one: else all of the above would be refused for another reason.
    const own = { origin: 'app://sluice' }
    for (const listener of listeners) listener({ sender: { ...foreign, mainFrame: own }, senderFrame: own })
    // Electron's own: a listener of "error", so that such an event does not throw, and the release of shared textures.
    const channels = ipcMain.eventNames().filter((name) => name !== 'error')
    const invocable = [
      ...((ipcMain as unknown as { _invokeHandlers?: Map<string, unknown> })._invokeHandlers?.keys() ?? []),
    ]
    const handlers = invocable.filter((name) => !name.startsWith('IMPORT_SHARED_TEXTURE'))
    return { refused, posted, listeners: listeners.length, channels, handlers }
  })
  expect(sent).toEqual({ refused: 0, posted: 1, listeners: 1, channels: ['sluice:connect'], handlers: [] })
})
