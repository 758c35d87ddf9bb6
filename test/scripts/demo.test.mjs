import { expect, test } from 'vitest'
import { demoDataDir } from '../../scripts/commands/demo.mjs'
import { resolveFolders } from '../../shared/lib/folders.ts'

test.each([
  ['linux', {}],
  ['linux', { XDG_DATA_HOME: '/data' }],
  ['linux', { SLUICE_DATA_DIR: '/mine' }],
  ['darwin', {}],
  ['win32', { APPDATA: 'C:/Roaming' }],
])('on %s with %j the demo keeps its data where the application does not', (platform, env) => {
  const own = demoDataDir(env, platform, '/home/a')
  const usual = resolveFolders(env, platform, '/home/a').dataDir
  expect(own).not.toBe(usual)
  expect(own.toLowerCase()).toContain('demo')
  expect(demoDataDir(env, platform, '/home/a')).toBe(own)
})
