/** `write-child.ts FILE NAME COUNT ENTRY|- [audit]`: appends entries (or actions) one after the other and prints the number of each acknowledged one. */
import { writeSync } from 'node:fs'
import { createEventStore } from '../../../electron/adapters/event-store/event-store.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'

const [file = '', name = '', count = '0', entry = '-', what = ''] = process.argv.slice(2)
const store = createEventStore({
  file,
  auditFile: `${file}.audit.jsonl`,
  entry: entry === '-' ? null : entry,
  onCrash: () => undefined,
})

function entryOf(index: number): NewHistoryEntry {
  const ref = { cluster: name, group: '', kind: 'Pod', namespace: 'apps', name: `pod-${index % 7}` }
  return {
    cluster: name,
    type: 'event',
    ref,
    owner: null,
    at: 1_763_000_000_000 + index,
    reason: 'Pulled',
    message: `number ${index} took ${index}ms`,
    tone: 'plain',
    revision: '',
    by: 'kubelet',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
  }
}

const atOnce = 4
for (let index = 0; index < Number(count); index += atOnce) {
  const group = Array.from({ length: atOnce }, (_, offset) => index + offset)
  await Promise.all(
    group.map(async (one) => {
      if (what === 'audit') await store.appendAudit([{ at: one, text: JSON.stringify({ name, one }) }])
      else await store.append([entryOf(one)])
      // Straight into the pipe: what was written there is read, whenever this process dies.
      writeSync(1, `${one}\n`)
    }),
  )
}
await store.close()
