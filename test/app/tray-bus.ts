/** A user's bus of its own, with or without somebody who shows trays: the real daemon, and a client that owns the name. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import { busCall, longText, socketPath } from '../../electron/main/tray-host.ts'

export const hasBusDaemon = existsSync('/usr/bin/dbus-daemon')

export interface TrayBus {
  readonly address: string
  /** From now on the bus has a tray. */
  showTrays(): Promise<void>
  stop(): void
}

export async function startTrayBus(): Promise<TrayBus> {
  const daemon = spawn('/usr/bin/dbus-daemon', ['--session', '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(daemon.stdout).once('line', resolve)
    daemon.once('error', reject)
    daemon.once('exit', (code) => reject(new Error(`dbus-daemon ended with ${code}`)))
  })
  let owner: ReturnType<typeof connect> | null = null
  return {
    address,
    showTrays: () =>
      new Promise((resolve, reject) => {
        owner = connect({ path: socketPath(address) ?? '' })
        owner.on('error', reject)
        owner.write(`\0AUTH EXTERNAL ${Buffer.from(String(userInfo().uid)).toString('hex')}\r\n`)
        let isBegun = false
        let seen = ''
        owner.on('data', (chunk: Buffer) => {
          seen += chunk.toString('latin1')
          if (!isBegun && seen.includes('\r\n')) {
            isBegun = true
            owner?.write('BEGIN\r\n')
            owner?.write(busCall(1, 'Hello', null))
            const name = longText('org.kde.StatusNotifierWatcher')
            const flags = Buffer.alloc(4 + ((4 - (name.length % 4)) % 4))
            owner?.write(busCall(2, 'RequestName', { signature: 'su', bytes: Buffer.concat([name, flags]) }))
          }
          // The bus tells a new owner of its name.
          if (/NameAcquired[^]*StatusNotifierWatcher/.test(seen)) resolve()
        })
      }),
    stop() {
      owner?.destroy()
      daemon.kill()
    },
  }
}
