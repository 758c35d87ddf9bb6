/** Ports of the local control plane: always the system's choice, always on loopback. */
import { createServer } from 'node:net'

/** `count` different TCP ports on 127.0.0.1 that were free a moment ago. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  // All are held until the last is known, so that none is handed out twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listen()))
  const ports = servers.map(({ port }) => port)
  await Promise.all(servers.map(({ close }) => close()))
  return ports
}

async function listen(wanted = 0): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port from the system')
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** True if 127.0.0.1:`port` can be listened on right now. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    const { close } = await listen(port)
    await close()
    return true
  } catch {
    return false
  }
}
