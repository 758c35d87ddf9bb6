/** A file that a store cannot read or write, in the store's words; never with a value of the file. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}
