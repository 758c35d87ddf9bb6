/**
 * The fuses of a packaged application: what electron-builder.yml asks for, and what its executable says. Needs the installed
 * packages.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { parse } from 'yaml'
import { root } from './places.mjs'

/** Keys of electron-builder.yml beside the fuse that each sets. */
const fuseOf = {
  runAsNode: FuseV1Options.RunAsNode,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
}

/** The fuses that the configuration asks for, by key. */
export function wantedFuses(file = join(root, 'electron-builder.yml')) {
  return parse(readFileSync(file, 'utf8')).electronFuses
}

/** Sentences, one for each fuse of the wire that differs from what is wanted; none when all are right. */
export function fuseFaults(wire, wanted) {
  const faults = []
  for (const [key, fuse] of Object.entries(fuseOf)) {
    if (typeof wanted[key] !== 'boolean') {
      faults.push(`${key} is not set in electron-builder.yml`)
      continue
    }
    const expected = wanted[key] ? FuseState.ENABLE : FuseState.DISABLE
    if (wire[fuse] !== expected)
      faults.push(`${key} should be ${wanted[key] ? 'on' : 'off'} and reads ${FuseState[wire[fuse]] ?? 'absent'}`)
  }
  return faults
}

/** The faults of an executable's fuses. */
export async function readFuseFaults(executable) {
  return fuseFaults(await getCurrentFuseWire(executable), wantedFuses())
}
