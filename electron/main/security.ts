/** Guards that hold for every web contents of the application, set before the first window exists. */
import { app, session } from 'electron'
import type { WebContents, WebFrameMain } from 'electron'

export const appScheme = 'app'
export const appOrigin = 'app://sluice'

// SECURITY: item 3: CSP as a response header. Monaco needs inline styles; nothing needs eval.
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Denies navigation, new windows, web views, permissions and downloads everywhere. Call once, before `ready` resolves into a window. */
export function installGuards(): void {
  app.on('web-contents-created', (_event, contents) => {
    // SECURITY: item 4: no navigation, by the page or by a redirect (E13).
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
      contents.on(name as 'will-navigate', (event) => event.preventDefault())
    }
    // SECURITY: item 4: no new windows (E14), no web views (E12).
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

/** Session-wide denials; call after `app` is ready. */
export function lockSession(): void {
  const current = session.defaultSession
  // SECURITY: item 4: every permission request and check is denied (E5).
  current.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  current.setPermissionCheckHandler(() => false)
  current.setDevicePermissionHandler(() => false)
  // SECURITY: item 4: downloads are blocked.
  current.on('will-download', (event) => event.preventDefault())
  // SECURITY: items 2 and 15: nothing but app:// is ever loaded by a window; no http(s), file or remote worker, no telemetry.
  current.webRequest.onBeforeRequest((details, callback) => {
    callback({ cancel: !isAllowedRequest(details.url) })
  })
}

function isAllowedRequest(url: string): boolean {
  return (
    url.startsWith(`${appOrigin}/`) ||
    url.startsWith('devtools://') ||
    url.startsWith('data:') ||
    url.startsWith(`blob:${appOrigin}/`)
  )
}

/** SECURITY: item 7: a message is ours only from the main frame of a known window at our own origin (E17). */
export function isOwnFrame(contents: WebContents, frame: WebFrameMain | null, known: ReadonlySet<number>): boolean {
  if (frame === null || !known.has(contents.id)) return false
  return frame === contents.mainFrame && frame.origin === appOrigin
}
