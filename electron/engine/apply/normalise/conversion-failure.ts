/** Thrown where Go could not read a value into its type. No stack, one instance: it only ends the conversion of one object. */
export const conversionFailure: unique symbol = Symbol('conversion failure')
