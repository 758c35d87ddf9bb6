/** Commits in a working copy that the user mapped: one file, on the branch that is checked out, never pushed. */

export interface CommitOutlook {
  /** The branch that is checked out, without `refs/heads/`. */
  readonly branch: string
  /** `Name <address>`, as the user's git has it. */
  readonly author: string
  /** Programs of the repository that a commit by the user's own git would run, and this one does not: `pre-commit`, … */
  readonly skippedHooks: readonly string[]
  /** The user's git signs commits; this one is not signed. */
  readonly isUnsigned: boolean
}

export interface WorkingCopies {
  /**
   * What a commit of `file` of the folder `root` would be; nothing is written. Throws SluiceError naming the folder as `label` and what stands
   * in the way: no git (ToolMissing), no working copy, a merge or rebase under way, no branch, changes of the file that are not committed, a
   * filter, no author.
   */
  look(root: string, file: string, label: string): Promise<CommitOutlook>
  /**
   * Commits `file`, which holds `text` by now, and nothing else: what else is staged or changed stays so. Answers with the commit's SHA. Throws
   * GitFailed where nothing was committed, Conflict where the commit holds another text.
   */
  commit(root: string, file: string, text: string, message: string, label: string): Promise<string>
}
