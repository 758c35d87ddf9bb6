/** The engine's thread as main holds it: what it is told, and told again when it had to be started anew. A real thread that says what it hears. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EngineThreadData } from '../../shared/contract/engine-thread.ts'

vi.mock('electron', () => ({ MessageChannelMain: class {} }))

const { startEngineThread } = await import('../../electron/main/engine-thread.ts')

/** It answers by what main does for an engine. A link ends it, as a fault does. */
const entry = `
import { parentPort } from 'node:worker_threads'
let last = 0
parentPort.on('message', (message) => {
  if (message.t === 'stop') process.exit(0)
  if (message.t === 'link') throw new Error('a fault')
  last += 1
  parentPort.postMessage({ t: 'shell', id: last, request: message })
})
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-engine-thread-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('a thread that is started again knows that the machine is on battery', async () => {
  const file = join(folder, 'entry.mjs')
  await writeFile(file, entry)
  const heard: unknown[] = []
  const crashes: string[] = []
  const engine = startEngineThread({
    entry: file,
    compiledDir: folder,
    data: {} as EngineThreadData,
    answer: (request) => {
      // Its own answers would be heard, too.
      if ((request as unknown as { t: string }).t !== 'shellResult') heard.push(request)
      return new Promise(() => undefined)
    },
    onTheme: () => undefined,
    onTray: () => undefined,
    onCrash: (error, restarts) => crashes.push(`${error.message} ${restarts}`),
  })
  try {
    engine.setOnBattery(true)
    await vi.waitFor(() => expect(heard).toEqual([{ t: 'battery', isOn: true }]), { timeout: 10_000 })
    engine.sendLink('view/drift')
    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 10_000 })
    expect(heard[1]).toEqual({ t: 'battery', isOn: true })
    expect(crashes).toEqual(['a fault 1'])
    engine.setOnBattery(false)
    await vi.waitFor(() => expect(heard[2]).toEqual({ t: 'battery', isOn: false }), { timeout: 10_000 })
  } finally {
    await engine.stop()
  }
})
