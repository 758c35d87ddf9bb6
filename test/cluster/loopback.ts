/** Servers of node:http and node:https on a port of the system's choice. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Resolves to the port. */
export async function listen(listening: Server): Promise<number> {
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return (listening.address() as AddressInfo).port
}

export function stopServer(listening: Server): void {
  listening.close()
  listening.closeAllConnections()
}
