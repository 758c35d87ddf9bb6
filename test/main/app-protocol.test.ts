import { expect, test } from 'vitest'
import { resolveAppUrl } from '../../electron/main/app-protocol.ts'
import { contentSecurityPolicy } from '../../electron/main/security.ts'

const root = '/opt/sluice/renderer'

test('a URL inside the bundle names its file and type', () => {
  expect(resolveAppUrl(root, 'app://sluice/')).toEqual({
    path: `${root}/index.html`,
    mimeType: 'text/html; charset=utf-8',
  })
  expect(resolveAppUrl(root, 'app://sluice/assets/index-1.js')).toEqual({
    path: `${root}/assets/index-1.js`,
    mimeType: 'text/javascript; charset=utf-8',
  })
})

test.each([
  'app://sluice/%2e%2e%2fmain%2fmain.js',
  'app://sluice/..%5cmain%5cmain.js',
  'app://sluice/a%00.js',
  'app://elsewhere/index.html',
  'file:///etc/passwd',
  'https://sluice/index.html',
  'app://sluice/%zz.js',
  'app://sluice/secret.key',
  'app://sluice/noextension',
])('SECURITY 2: %s names nothing', (url) => {
  expect(resolveAppUrl(root, url)).toBeNull()
})

test.each([
  'app://sluice/../main/main.js',
  'app://sluice/%2e%2e/main/main.js',
  'app://sluice/a/../../../etc/passwd.json',
])('SECURITY 2: %s stays inside the bundle', (url) => {
  expect(resolveAppUrl(root, url)?.path.startsWith(`${root}/`)).toBe(true)
})

test('SECURITY 3: the policy allows no eval, no inline script, no remote origin', () => {
  const directives = new Map(
    contentSecurityPolicy.split('; ').map((text) => [text.split(' ')[0], text.split(' ').slice(1)]),
  )
  expect(directives.get('default-src')).toEqual(["'none'"])
  expect(directives.get('script-src')).toEqual(["'self'"])
  expect(directives.get('connect-src')).toEqual(["'self'"])
  for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(directives.get(name)).toEqual(["'none'"])
  expect(contentSecurityPolicy).not.toMatch(/unsafe-eval|https?:|\*/)
})
