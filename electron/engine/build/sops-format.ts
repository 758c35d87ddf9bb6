/** Which SOPS store the controller takes a file for, by its name. Semantics: `formatForPath` of kustomize-controller 1.9.4. */
import type { SopsFormat } from '../decrypt/decryptor.ts'

/** By extension; `.dockerconfigjson` is JSON; everything else is an opaque file. */
export function formatOfPath(path: string): SopsFormat {
  if (path.endsWith('.dockerconfigjson') || path.endsWith('.json')) return 'json'
  if (path.endsWith('.yaml') || path.endsWith('.yml')) return 'yaml'
  if (path.endsWith('.env')) return 'dotenv'
  return path.endsWith('.ini') ? 'ini' : 'binary'
}

/** `files` of a generator: `key` is what stands before `=`, or the whole entry. */
export function formatOfGeneratorFile(key: string): SopsFormat {
  return formatOfPath(key)
}

/** `envs` of a generator: dotenv unless the name says otherwise. */
export function formatOfEnvFile(path: string): SopsFormat {
  const format = formatOfPath(path)
  return format === 'binary' ? 'dotenv' : format
}
