/** Servers on a port of the system's choice. */
import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** Resolves to the port; rejects where none can be had. */
export async function listen(listening: Server): Promise<number> {
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  return (listening.address() as AddressInfo).port
}

export function stopServer(listening: HttpServer): void {
  listening.close()
  listening.closeAllConnections()
}
