import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'
import { createFluxManifests } from '../../../electron/adapters/flux-manifests/flux-manifests.ts'

let folder = ''
const { signal } = new AbortController()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-flux-manifests-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A `flux` whose answer is a shell script's. */
async function makeFlux(script: string): Promise<void> {
  await writeFile(join(folder, 'flux'), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, 'flux'), 0o755)
}

const manifests = (timeoutMs = 10_000) =>
  createFluxManifests({
    env: { HOME: folder, KUBECONFIG: '/somewhere/kubeconfig', GIT_PASSWORD: 'secret', HTTPS_PROXY: 'http://proxy' },
    path: () => Promise.resolve(`relative:${folder}:/usr/bin:/bin`),
    timeoutMs,
    transport: createArtifactTransport({ userAgent: 'test' }),
  })

describe.skipIf(process.platform === 'win32')('the flux of the user', () => {
  it('is found on the PATH of the login shell and tells its version', async () => {
    expect(await manifests().findProgram(signal)).toBe(null)
    await makeFlux(`[ "$*" = 'version --client -o json' ] && echo '{ "flux": "v2.9.5" }'`)
    expect(await manifests().findProgram(signal)).toEqual({ path: join(folder, 'flux'), version: 'v2.9.5' })
    await makeFlux('echo hello')
    await expect(manifests().findProgram(signal)).rejects.toMatchObject({ code: 'ExecOutputInvalid' })
  })

  it('SECURITY 10: is started with nothing of the user’s but a home, and proxies that lead nowhere', async () => {
    await makeFlux('echo "$*"; env | sort')
    const lines = (await manifests().exportFrom(join(folder, 'flux'), 'flux-system', signal)).trim().split('\n')
    expect(lines[0]).toBe('install --export --namespace=flux-system')
    expect(lines.slice(1).filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line))).toEqual([
      `HOME=${folder}`,
      'HTTPS_PROXY=http://127.0.0.1:9',
      'HTTP_PROXY=http://127.0.0.1:9',
      'KUBECONFIG=/dev/null',
      'NO_PROXY=',
      `PATH=relative:${folder}:/usr/bin:/bin`,
    ])
  })

  it('fails with its own words, within its time and with bounded output', async () => {
    const program = join(folder, 'flux')
    await makeFlux('echo "no manifests inside" >&2; exit 1')
    await expect(manifests().exportFrom(program, 'x', signal)).rejects.toMatchObject({
      code: 'ExecFailed',
      detail: 'no manifests inside',
    })
    await makeFlux('exec sleep 60')
    await expect(manifests(200).exportFrom(program, 'x', signal)).rejects.toMatchObject({ code: 'ExecTimeout' })
    await makeFlux('exec cat /dev/zero')
    await expect(manifests().exportFrom(program, 'x', signal)).rejects.toMatchObject({ code: 'ExecOutputInvalid' })
    await expect(manifests().exportFrom(join(folder, 'none'), 'x', signal)).rejects.toMatchObject({
      code: 'ExecNotFound',
    })
  })
})

describe('files that the user picked', () => {
  it('are one file, or the YAML files of a folder; links lead nowhere', async () => {
    await writeFile(join(folder, 'b.yaml'), 'b')
    await writeFile(join(folder, 'a.yml'), 'a')
    await writeFile(join(folder, 'c.txt'), 'c')
    await symlink('/etc/hostname', join(folder, 'd.yaml'))
    await mkdir(join(folder, 'e.yaml'))
    expect(await manifests().read(folder)).toEqual([
      { name: 'a.yml', text: 'a' },
      { name: 'b.yaml', text: 'b' },
    ])
    expect(await manifests().read(join(folder, 'b.yaml'))).toEqual([{ name: 'b.yaml', text: 'b' }])
    await expect(manifests().read(join(folder, 'none'))).rejects.toMatchObject({ code: 'NotFound' })
  })
})
