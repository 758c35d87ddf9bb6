/** The text that is kept of a watched object: everything but the managed fields that nobody asks for again. */
import { artifactGeneratorGate, operatorGate, sluiceFieldManager } from '../../../shared/flux/annotations.ts'
import type { KubeObject } from '../clusters/view.ts'

const gateFields = ['"f:suspend"', `"f:${operatorGate.key}"`, `"f:${artifactGeneratorGate.key}"`]

/**
 * JSON of `object`, one line. Of managedFields stay: Sluice's own entries, those that own a gate, and who wrote spec and status when
 * (without their fields). They make up half of a typical object.
 */
export function packObject(object: KubeObject): string {
  const entries = object.metadata.managedFields
  if (!Array.isArray(entries) || entries.length === 0) return JSON.stringify(object)
  const kept: unknown[] = []
  for (const entry of entries as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue
    const { manager, operation, time, subresource, fieldsV1 } = entry as Record<string, unknown>
    const fields = fieldsV1 as { 'f:spec'?: unknown; 'f:status'?: unknown } | null | undefined
    const isStatus = subresource === 'status' || fields?.['f:status'] !== undefined
    const isSpec = fields?.['f:spec'] !== undefined
    if (isStatus && subresource === 'status') kept.push({ manager, operation, time, subresource })
    else if (manager === sluiceFieldManager || ownsGate(fieldsV1)) kept.push(entry)
    else if (isStatus || isSpec)
      kept.push({
        manager,
        operation,
        time,
        fieldsV1: { ...(isSpec && { 'f:spec': {} }), ...(isStatus && { 'f:status': {} }) },
      })
  }
  return JSON.stringify({ ...object, metadata: { ...object.metadata, managedFields: kept } })
}

function ownsGate(fieldsV1: unknown): boolean {
  const text = JSON.stringify(fieldsV1) as string | undefined
  return text !== undefined && gateFields.some((field) => text.includes(field))
}
