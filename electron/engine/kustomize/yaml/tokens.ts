/** What the scanner gives the parser: kinds of tokens, and whose rules hold. */

/** go-yaml v3 (resources) or v2 (sigs.k8s.io/yaml). */
export type YamlDialect = 'v3' | 'v2'

export const TOKEN_STREAM_END = 1
export const TOKEN_VERSION = 2
export const TOKEN_TAG_DIRECTIVE = 3
export const TOKEN_DOCUMENT_START = 4
export const TOKEN_DOCUMENT_END = 5
export const TOKEN_BLOCK_SEQUENCE = 6
export const TOKEN_BLOCK_MAPPING = 7
export const TOKEN_BLOCK_END = 8
export const TOKEN_FLOW_SEQUENCE = 9
export const TOKEN_FLOW_SEQUENCE_END = 10
export const TOKEN_FLOW_MAPPING = 11
export const TOKEN_FLOW_MAPPING_END = 12
export const TOKEN_BLOCK_ENTRY = 13
export const TOKEN_FLOW_ENTRY = 14
export const TOKEN_KEY = 15
export const TOKEN_VALUE = 16
export const TOKEN_ALIAS = 17
export const TOKEN_ANCHOR = 18
export const TOKEN_TAG = 19
export const TOKEN_SCALAR = 20
