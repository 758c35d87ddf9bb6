/**
 * Plaintext of decrypted files, remembered so that it can be found again in built objects: a patch or a generator carries it there before
 * objects are decrypted, and nothing else tells where it went.
 *
 * SECURITY: holds plaintext for as long as the decryptor of one build lives. A value is found where it stands alone, as it is or in base64;
 * inside a longer text it is not.
 */
import type { MapNode, YamlNode } from '../kustomize/yaml/node.ts'
import type { SensitivePath } from './decryptor.ts'
import { encodeBase64, encodeUtf8, formatFloatGeneral } from './tree/go-format.ts'
import type { SopsValue } from './tree/sops-tree.ts'
import { GoBytes } from './tree/sops-tree.ts'

/** Shorter values would hide half of an object that happens to hold them too. */
const shortestText = 3
/** Of a text with several lines, lines from this length on are looked for by themselves. */
const shortestLine = 8
/** go-yaml shows so much of a value that it cannot use, and three dots. */
const quotedLength = 7

export class SensitiveTexts {
  private readonly texts = new Set<string>()

  get isEmpty(): boolean {
    return this.texts.size === 0
  }

  addValue(value: SopsValue): void {
    if (typeof value === 'string') this.addText(value)
    else if (typeof value === 'bigint') this.addText(String(value))
    else if (typeof value === 'number') this.addText(formatFloatGeneral(value))
    else if (value instanceof GoBytes) this.texts.add(encodeBase64(value.bytes))
  }

  /** A whole file, as a generator puts it into a Secret or ConfigMap. */
  addFile(bytes: Uint8Array): void {
    if (bytes.length < shortestText) return
    this.texts.add(encodeBase64(bytes))
    this.texts.add(new TextDecoder().decode(bytes))
  }

  private addText(text: string): void {
    if (text.length < shortestText) return
    this.texts.add(text)
    this.texts.add(encodeBase64(encodeUtf8(text)))
  }

  /** The text with all of these cut out of it: whole, by line, escaped as in JSON and shortened as go-yaml quotes them. */
  redact(text: string): string {
    if (this.texts.size === 0) return text
    let result = text
    for (const secret of [...this.texts].sort((a, b) => b.length - a.length))
      for (const form of formsOf(secret)) if (result.includes(form)) result = result.replaceAll(form, '<decrypted>')
    return result
  }

  /** Paths of the values in an object that are one of these texts. */
  find(node: MapNode): SensitivePath[] {
    const found: SensitivePath[] = []
    if (this.texts.size > 0) this.walk(node, [], found)
    return found
  }

  private walk(node: YamlNode, path: SensitivePath, found: SensitivePath[]): void {
    if (node.kind === 'map')
      node.keys.forEach((key, index) => {
        if (key.kind === 'scalar') this.walk(node.values[index]!, [...path, key.value], found)
      })
    else if (node.kind === 'sequence') node.items.forEach((item, index) => this.walk(item, [...path, index], found))
    else if (this.holds(node.value)) found.push(path)
  }

  private holds(text: string): boolean {
    if (text.length < shortestText) return false
    // kustomize breaks long base64 into lines of 70
    return this.texts.has(text) || (text.includes('\n') && this.texts.has(text.replaceAll('\n', '')))
  }
}

function formsOf(secret: string): string[] {
  const forms = [secret]
  const escaped = JSON.stringify(secret).slice(1, -1)
  if (escaped !== secret) forms.push(escaped)
  if (secret.includes('\n')) forms.push(...secret.split('\n').filter((line) => line.trim().length >= shortestLine))
  if (secret.length > quotedLength) forms.push(`${secret.slice(0, quotedLength)}...`)
  return forms
}
