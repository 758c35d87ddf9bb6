/** Reads kubeconfigs as somebody who is not root, and prints what it found as JSON: HOME FILE… */
import { delimiter, join } from 'node:path'
import { createKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import { readSet } from './sandbox.ts'

const nobody = 65_534
const [home = '', ...files] = process.argv.slice(2)
// Everything is imported by now: the checkout itself may be root's alone.
if (process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(nobody)
  process.setuid?.(nobody)
}
const configs = createKubeConfigs({
  env: { HOME: home, KUBECONFIG: files.join(delimiter) },
  dataDir: join(home, 'data'),
  logger: { log: () => undefined },
  playgroundKubeconfig: () => null,
})
const { contexts, files: read } = await readSet(configs)
configs.dispose()
process.stdout.write(JSON.stringify({ uid: process.getuid?.(), contexts, files: read }))
