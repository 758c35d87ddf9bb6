/** Which release of Flux, and the SHA-256 that its install.yaml must have: nothing is downloaded before the button is pressed. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { FluxRelease } from '../../../shared/model/hand-over.ts'
import { Button } from '../button/button.tsx'
import { TextField } from '../text-field/text-field.tsx'
import { oneLine } from '../text/plain-text.ts'
import styles from './plan.module.css'

const versionPattern = /^v?(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?)$/
/** A line of the release's list is taken as well: the checksum, blanks, the name of the file. */
const checksumPattern = /^([0-9a-f]{64})(?:\s+\*?install\.yaml)?$/i

export function ReleaseFields({
  host,
  onDownload,
}: {
  /** Where it is downloaded from. */
  readonly host: string
  readonly onDownload: (release: FluxRelease) => void
}): ReactElement {
  const [version, setVersion] = useState('')
  const [checksum, setChecksum] = useState('')
  const number = versionPattern.exec(version.trim())?.[1]
  const digits = checksumPattern.exec(checksum.trim())?.[1]?.toLowerCase()
  const offReason =
    number === undefined
      ? 'Say which version, such as v2.9.5'
      : digits === undefined
        ? 'Paste the checksum of its install.yaml'
        : ''
  return (
    <div className={styles.release}>
      <TextField
        label="Version"
        value={version}
        placeholder="v2.9.5"
        fault={version.trim() !== '' && number === undefined ? 'Not a version' : undefined}
        onChange={setVersion}
      />
      <TextField
        label="SHA-256 of its install.yaml"
        value={checksum}
        placeholder={`from flux_${number ?? 'VERSION'}_checksums.txt`}
        fault={checksum.trim() !== '' && digits === undefined ? '64 hexadecimal digits' : undefined}
        onChange={setChecksum}
      />
      <Button
        icon="download"
        offReason={offReason}
        onClick={() => {
          if (number !== undefined && digits !== undefined) onDownload({ version: `v${number}`, checksum: digits })
        }}
      >
        Download from {oneLine(host, 80)}
      </Button>
    </div>
  )
}
