/** A build's questions and the answers it was given: while they stay as they are, its result does. */
import type { Files } from '../../kustomize/files.ts'
import type { Question, TreeMemo } from './tree-memo.ts'

/** What a build asked, by path, existence checks included; and each named value (a variable source) with its text. */
export interface Recording {
  readonly questions: ReadonlyMap<string, Partial<Record<Question, string>>>
  readonly values: ReadonlyMap<string, string>
}

export interface Recorder {
  /** The tree, for the build to read. */
  readonly files: Files
  /** Notes a value that the build was given from elsewhere. */
  readonly noteValue: (name: string, text: string) => void
  finish(): Recording
}

export function createRecorder(memo: TreeMemo): Recorder {
  const questions = new Map<string, Partial<Record<Question, string>>>()
  const values = new Map<string, string>()
  function note(question: Question, path: string): void {
    let asked = questions.get(path)
    if (asked === undefined) questions.set(path, (asked = {}))
    asked[question] ??= memo.answer(question, path)
  }
  return {
    files: {
      stat(path) {
        note('stat', path)
        return memo.stat(path)
      },
      read(path) {
        note('read', path)
        return memo.read(path)
      },
      list(path) {
        note('list', path)
        return memo.list(path)
      },
      realPath(path) {
        note('real', path)
        return memo.realPath(path)
      },
      fingerprint(path) {
        note('read', path)
        return memo.fingerprint?.(path) ?? null
      },
    },
    noteValue: (name, text) => values.set(name, text),
    finish: () => ({ questions, values }),
  }
}

/** True if the tree would give every answer that was recorded; `textOfValue` tells the named values as they are now. */
export function isStillTrue(recording: Recording, memo: TreeMemo, textOfValue: (name: string) => string): boolean {
  for (const [name, text] of recording.values) if (textOfValue(name) !== text) return false
  for (const [path, asked] of recording.questions) {
    for (const question in asked)
      if (memo.answer(question as Question, path) !== asked[question as Question]) return false
  }
  return true
}

/** A rough figure for the memory cap. */
export function bytesOfRecording({ questions, values }: Recording): number {
  let bytes = 0
  for (const path of questions.keys()) bytes += 160 + path.length
  for (const text of values.values()) bytes += 100 + text.length
  return bytes
}
