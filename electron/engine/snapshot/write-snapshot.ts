/** Writes what is known of a cluster, kind by kind, straight from its cache: at no time is there a second copy of more than one piece. */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { ControllerRow, FluxRow } from '../../../shared/model/rows.ts'
import type { PrinterColumn } from '../../../shared/flux/kind-types.ts'
import { pause } from '../pause.ts'
import type { Clock, Codec } from '../ports.ts'
import { PieceWriter } from './pieces.ts'
import type { Offset } from './pieces.ts'
import { redactJson } from './redact-kept.ts'
import type { SnapshotWriter } from './snapshot-port.ts'

export const formatVersion = 1

export interface SnapshotHead {
  readonly cluster: ClusterId
  readonly identities: readonly string[]
  /** ms since the epoch. */
  readonly savedAt: number
  readonly kubernetesVersion: string
  readonly fluxVersion: string
  readonly controllers: readonly ControllerRow[]
}

export interface KeptKind {
  readonly group: string
  readonly kind: string
  readonly columns: readonly PrinterColumn[]
  rows(): Iterable<FluxRow>
  /** `namespace/name` and the object's JSON, in the order in which they are read fastest. */
  texts(): Iterable<readonly [name: string, text: string]>
}

/** Where the objects of some names lie: JSON texts, one a line, in the order of the names. */
export interface ObjectPiece {
  readonly at: Offset
  readonly count: number
}

export interface KindIndex {
  readonly group: string
  readonly kind: string
  readonly columns: readonly PrinterColumn[]
  /** Pieces of rows, a JSON array each. */
  readonly rows: readonly Offset[]
  /** Piece of the names of all objects, one a line. */
  readonly names: Offset
  readonly objects: readonly ObjectPiece[]
}

export interface SnapshotIndex extends SnapshotHead {
  readonly version: number
  readonly kinds: readonly KindIndex[]
}

/** Some milliseconds of work each. */
const rowsPerPiece = 100
const charsPerPiece = 128 * 1024
/** A larger object is not kept: its page says so. */
const maxObjectChars = 512 * 1024
/** Beyond this the lists are kept and further objects are not. */
const maxFileBytes = 64 * 1024 * 1024
/** Between two pieces, so that the engine's thread is nobody's for long. */
const restMs = 4

export interface WriteDeps {
  readonly clock: Clock
  readonly codec: Codec
}

/** `isUrgent`: the program ends and waits for anything else. Throws where the disk does; the file is then not committed. */
export async function writeSnapshot(
  deps: WriteDeps,
  file: SnapshotWriter,
  head: SnapshotHead,
  kinds: readonly KeptKind[],
  isUrgent: () => boolean,
): Promise<void> {
  const pieces = new PieceWriter(deps.codec, file)
  const rest = (): Promise<void> | undefined => (isUrgent() ? undefined : pause(deps.clock, restMs))
  await pieces.begin()
  const rows: Offset[][] = []
  // Lists first: they are what a start reads whole.
  for (const kind of kinds) {
    const offsets: Offset[] = []
    for (const piece of inPieces(kind.rows(), rowsPerPiece)) {
      offsets.push(await pieces.write(redactJson(JSON.stringify(piece))))
      await rest()
    }
    rows.push(offsets)
  }
  const index: KindIndex[] = []
  for (const [position, kind] of kinds.entries()) {
    const names: string[] = []
    const objects: ObjectPiece[] = []
    let texts: string[] = []
    let chars = 0
    const flush = async (): Promise<void> => {
      if (texts.length === 0) return
      objects.push({ at: await pieces.write(texts.join('\n')), count: texts.length })
      texts = []
      chars = 0
      await rest()
    }
    if (!isSecretKind(kind))
      for (const [name, text] of kind.texts()) {
        if (text.length > maxObjectChars || pieces.offset > maxFileBytes) continue
        if (chars + text.length > charsPerPiece) await flush()
        names.push(name)
        texts.push(redactJson(text))
        chars += text.length
      }
    await flush()
    index.push({
      group: kind.group,
      kind: kind.kind,
      columns: kind.columns,
      rows: rows[position] ?? [],
      names: await pieces.write(names.join('\n')),
      objects,
    })
  }
  const whole: SnapshotIndex = { ...head, version: formatVersion, kinds: index }
  await pieces.end(redactJson(JSON.stringify(whole)))
}

/** SECURITY: item 9: whatever made it a listed kind. */
function isSecretKind({ group, kind }: KeptKind): boolean {
  return group === '' && kind === 'Secret'
}

function* inPieces<T>(values: Iterable<T>, size: number): Iterable<readonly T[]> {
  let piece: T[] = []
  for (const value of values) {
    piece.push(value)
    if (piece.length < size) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
}
