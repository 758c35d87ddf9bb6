/** Writes one snapshot file again and again until it is killed: `write-child.ts FOLDER`. Each holds one letter, says which, and is told once it is whole. */
import { createSnapshotFiles } from '../../../electron/adapters/snapshot/snapshot-files.ts'

const [folder = ''] = process.argv.slice(2)
const files = createSnapshotFiles({ folder, now: () => Date.now() })
for (let round = 0; ; round += 1) {
  const file = await files.create('c', 'a')
  const piece = Buffer.alloc(64 * 1024, 97 + (round % 26))
  for (let index = 0; index < 32; index += 1) await file.append(piece)
  await file.commit(Date.now())
  process.stdout.write('.')
}
