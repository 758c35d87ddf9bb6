/**
 * Where the user's own secrets are kept: by the operating system's keychain, held by the one process that may speak to it. SECURITY: item 9: the
 * window never sees a value; the engine reads one only to use it. Hosts without a keychain bring no box.
 */

export interface SecretBoxState {
  readonly isAvailable: boolean
  /** Why not, for people; '' where it is. */
  readonly reason: string
}

export interface KeptSecret {
  /** '' where none was given. */
  readonly username: string
  readonly secret: string
}

export interface SecretBox {
  state(): Promise<SecretBoxState>
  /** Names of what is kept. */
  names(): Promise<readonly string[]>
  /**
   * Asks the user, with `label` shown, and keeps the token on their clipboard, or `user:token`. `name` is 64 hexadecimal digits. `unusable`: there is nothing on it
   * that could be a token. Rejects where nothing can be kept.
   */
  keepFromClipboard(name: string, label: string): Promise<'kept' | 'canceled' | 'unusable'>
  /** null: there is none, or the keychain does not open it any more. */
  read(name: string): Promise<KeptSecret | null>
  forget(name: string): Promise<void>
}
