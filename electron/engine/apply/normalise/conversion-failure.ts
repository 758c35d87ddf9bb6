/** Thrown where Go could not read a value into its type. One instance, since it only ends the conversion of one object: no stack is taken. */
export const conversionFailure = new Error('conversion failure')
