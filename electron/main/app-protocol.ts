/** `app://sluice/…`: the built window and nothing else, from inside the bundle root, with explicit MIME types. */
import { readFileSync } from 'node:fs'
import { extname, join, normalize, sep } from 'node:path'
import { protocol } from 'electron'
import { appOrigin, appScheme, contentSecurityPolicy } from './security.ts'

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
}

/** Must run before `app` is ready. SECURITY: item 2: standard and secure, so that origins and CSP mean something. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** The file inside `root` that a URL names, or null where it names none: other host, other type, or outside of the root. */
export function resolveAppUrl(root: string, url: string): { readonly path: string; readonly mimeType: string } | null {
  let parsed
  let pathname
  try {
    parsed = new URL(url)
    pathname = decodeURIComponent(parsed.pathname)
  } catch {
    return null
  }
  if (`${parsed.protocol}//${parsed.host}` !== appOrigin || pathname.includes('\0') || pathname.includes('\\'))
    return null
  const path = normalize(join(root, pathname === '/' ? 'index.html' : pathname))
  const mimeType = mimeTypes[extname(path)]
  if (!path.startsWith(root + sep) || mimeType === undefined) return null
  return { path, mimeType }
}

/**
 * Answers from whole files, read in this turn. Not by `protocol.handle`: its first request loads all of fetch into the main thread, and each
 * answer then goes through three streams; both cost a start more than everything else in this process.
 */
export function serveApp(root: string): void {
  protocol.registerBufferProtocol(appScheme, (request, answer) => {
    // SECURITY: item 2: GET only, path normalised inside the root, MIME by our own table (E18).
    const found = request.method === 'GET' ? resolveAppUrl(root, request.url) : null
    const data = found === null ? null : readWhole(found.path)
    if (found === null || data === null)
      return answer({ statusCode: 404, mimeType: 'text/plain', data: Buffer.from('Not found') })
    answer({
      data,
      // Without its parameters; those are in the header.
      mimeType: found.mimeType.split(';')[0] ?? '',
      // No cross-origin-opener-policy: no window is ever opened by another (security.ts), and Chromium would start a second
      // process for the page only to part it from the empty one that it begins with.
      headers: {
        'content-type': found.mimeType,
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'cache-control': found.path.endsWith('index.html') ? 'no-store' : 'max-age=31536000',
      },
    })
  })
}

function readWhole(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}
