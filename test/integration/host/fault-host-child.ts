/** Hosted mode as a process that a test may stop and wake, with leases that run out while one waits: KUBECONFIG, data folder and Git host as arguments. */
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { quickTimings, startHostedEngine } from './hosted-engine.ts'

const [kubeconfig = '', dataDir = '', host = ''] = process.argv.slice(2)
const engine = await startHostedEngine({ kubeconfig, dataDir, hosting: { timings: quickTimings } })
await engine.switchOn()
const cluster = [...engine.contexts.values()][0]?.cluster ?? ''
await waitUntil(() =>
  engine.engine.handlers['hosts.allow']({ cluster, host, isAllowed: true }, engine.call).then(
    () => true,
    () => false,
  ),
)
await waitUntil(() => engine.state()?.state === 'active')
process.stdout.write('active\n')
