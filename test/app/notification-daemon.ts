/** A desktop's notifications: the real daemon (dunst) on a bus of its own, with a monitor that sees what arrives there. */
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startTrayBus } from './tray-bus.ts'

const programs = ['dbus-daemon', 'dbus-monitor', 'dunst', 'dunstctl'].map((name) => `/usr/bin/${name}`)
/** `npm test` installs what is missing where it may. */
export const hasNotificationDaemon = programs.every((file) => existsSync(file))

export interface Arrived {
  readonly title: string
  readonly body: string
}

export interface NotificationDaemon {
  /** For DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string
  /** What was given to the daemon so far, in its order. */
  arrived(): readonly Arrived[]
  /** How many it shows now. */
  displayed(): Promise<number>
  /** Takes all away, as a person does who has read them. */
  closeAll(): Promise<void>
  /** As a click on the first one that is shown. */
  click(): Promise<void>
  stop(): Promise<void>
}

const notifyCall =
  /member=Notify\n {3}string "[^\n]*"\n {3}uint32 \d+\n {3}string "[^\n]*"\n {3}string "([^]*?)"\n {3}string "([^]*?)"\n {3}array \[/g
const match = [
  "type='method_call',interface='org.freedesktop.Notifications',member='Notify'",
  "type='signal',member='NameOwnerChanged',arg0='org.freedesktop.Notifications'",
]

export async function startNotificationDaemon(): Promise<NotificationDaemon> {
  const bus = await startTrayBus()
  const folder = await mkdtemp(join(tmpdir(), 'sluice-dunst-'))
  const config = join(folder, 'dunstrc')
  // What nobody clicks stays, however slow the test is.
  await writeFile(config, '[urgency_low]\ntimeout = 0\n[urgency_normal]\ntimeout = 0\n')
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address }
  let seen = ''
  const monitor = spawn('/usr/bin/dbus-monitor', match, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const watchers = new Set<() => void>()
  monitor.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8')
    for (const watcher of watchers) watcher()
  })
  const printed = (text: string, child: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!seen.includes(text)) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}`)))
      look()
    })
  // It gives its own name back when it becomes a monitor.
  await printed('NameLost', monitor)
  const daemon = spawn('/usr/bin/dunst', ['-config', config], { env, stdio: 'ignore' })
  await printed('NameOwnerChanged', daemon)
  const control = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)('/usr/bin/dunstctl', words, { env })).stdout.trim()
  return {
    address: bus.address,
    arrived: () => [...seen.matchAll(notifyCall)].map(([, title = '', body = '']) => ({ title, body })),
    displayed: async () => Number(await control('count', 'displayed')),
    closeAll: async () => void (await control('close-all')),
    click: async () => void (await control('action', '0')),
    async stop() {
      daemon.kill()
      monitor.kill()
      bus.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
