/**
 * The folders that a user opened, and the programs that open their files: I/O of the Repositories view through narrow ports. Paths inside
 * a folder are relative, with forward slashes; implementations follow symbolic links and refuse what leads out of the folder.
 */
import type { EditorChoice, EditorId } from '../../../shared/model/repository.ts'

export type FolderState = 'there' | 'missing' | 'forbidden'

export interface Folders {
  /** The real path of a folder that the user named (`~` understood). Throws SluiceError NotFound, Forbidden or InvalidInput (not a folder). */
  resolve(path: string): Promise<string>
  state(root: string): Promise<FolderState>
  /**
   * A file's bytes, at most `maxBytes` of them. Throws SluiceError: NotFound, Forbidden (also for what leads out of the folder),
   * InvalidInput for what is no regular file.
   */
  read(
    root: string,
    file: string,
    maxBytes: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly isTruncated: boolean }>
  /**
   * Makes a file's text `after` at once, its mode kept, where it still is `before`. Throws SluiceError as `read`, and Conflict where it is not.
   */
  replace(root: string, file: string, before: string, after: string): Promise<void>
  /**
   * Calls back with changed paths, a burst at a time (null: anything may have changed), leaving `.git` out. `onFault` is told once, when
   * changes can no longer be seen. Returns what ends it.
   */
  watch(
    root: string,
    onChange: (paths: readonly string[] | null) => void,
    onFault: (message: string) => void,
  ): () => void
  /** The path as people write it: the home folder is `~`. */
  display(root: string): string
}

export interface Editors {
  choices(): Promise<readonly EditorChoice[]>
  /**
   * Opens a file of a folder at a line (0: none) and does not wait for the program to end. Throws SluiceError: ToolMissing where the editor
   * is not installed, NotFound and Forbidden as `Folders.read`.
   */
  open(editor: EditorId, root: string, file: string, line: number): Promise<EditorChoice>
}
