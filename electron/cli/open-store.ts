/** The store of what happened, opened for a command that ends soon. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { SluiceError } from '../../shared/model/errors.ts'
import { resolveFolders } from '../../shared/lib/folders.ts'
import { createEventStore, historyFiles } from '../adapters/event-store/event-store.ts'
import type { EventStore } from '../engine/history/event-store-port.ts'
import type { Terminal } from './output.ts'

/** Works with it, and closes it. `dataDir`: of the application, where its other files are. */
export async function withStore<T>(work: (store: EventStore, dataDir: string) => Promise<T>): Promise<T> {
  const { dataDir } = resolveFolders(process.env, process.platform, homedir())
  const store = createEventStore({ ...historyFiles(dataDir), entry: null, onCrash: () => undefined })
  try {
    return await work(store, dataDir)
  } finally {
    await store.close()
  }
}

/**
 * False where nothing was ever written, and says so. What cannot be written is read all the same; rejects for the file of a newer Sluice, which this one
 * cannot read.
 */
export async function isThere(store: EventStore, dataDir: string, terminal: Terminal): Promise<boolean> {
  const { file } = historyFiles(dataDir)
  if (!existsSync(file)) {
    terminal.say(`Nothing was recorded on this machine yet: there is no ${file}.`)
    return false
  }
  const { problem, note } = await store.state()
  if (/newer Sluice/.test(problem)) throw new SluiceError('StorageFailed', problem, { remedy: 'Update Sluice.' })
  if (note !== '') terminal.say(note)
  else if (problem !== '') terminal.say(`Only read: ${problem}`)
  return true
}
