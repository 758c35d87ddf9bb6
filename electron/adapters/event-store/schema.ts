/**
 * The tables, as steps that lead from one version to the next and back. A step once released is never changed; the file's `user_version` says how
 * many were taken.
 *
 * An entry's row number is its time: `at << 20 | n`, n counting within the millisecond. So the table and every index are in the order in which
 * history is read, no index needs the time, and a cursor is a row number. What repeats is a number: texts in `string`, objects in `object`.
 * `word` is one inverted index for words and for fields of few values (words.ts); contentless, it holds no text.
 */
import type { DatabaseSync } from 'node:sqlite'

/** `Slui`, in the file's header: tells our files from others'. */
export const applicationId = 0x536c7569

interface Step {
  readonly up: string
  readonly down: string
}

const steps: readonly Step[] = [
  {
    up: `
      CREATE TABLE string (id INTEGER PRIMARY KEY AUTOINCREMENT, hash INTEGER NOT NULL, text TEXT NOT NULL);
      CREATE INDEX string_hash ON string (hash);
      CREATE TABLE object (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        cluster INTEGER NOT NULL, grp INTEGER NOT NULL, kind INTEGER NOT NULL, namespace INTEGER NOT NULL, name INTEGER NOT NULL
      );
      CREATE UNIQUE INDEX object_all ON object (name, namespace, kind, cluster, grp);
      CREATE TABLE revision (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE, hash TEXT);
      CREATE INDEX revision_hash ON revision (hash) WHERE hash IS NOT NULL;
      CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        number INTEGER NOT NULL, cluster INTEGER NOT NULL, type INTEGER NOT NULL, tone INTEGER NOT NULL, backfilled INTEGER NOT NULL,
        object INTEGER, owner INTEGER, reason INTEGER NOT NULL, template INTEGER NOT NULL, revision INTEGER, actor INTEGER,
        count INTEGER, recorded INTEGER NOT NULL, holes, identity, facts
      );
      CREATE INDEX entry_object ON entry (object) WHERE object IS NOT NULL;
      CREATE INDEX entry_owner ON entry (owner) WHERE owner IS NOT NULL AND owner IS NOT object;
      CREATE INDEX entry_revision ON entry (revision) WHERE revision IS NOT NULL;
      CREATE INDEX entry_identity ON entry (identity) WHERE identity IS NOT NULL;
      CREATE VIRTUAL TABLE word USING fts5 (text, content='', contentless_delete=1, detail=none, tokenize='ascii');
      CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), next_number INTEGER NOT NULL, entries INTEGER NOT NULL, generation INTEGER NOT NULL, sweeping INTEGER NOT NULL);
      INSERT INTO meta VALUES (1, 1, 0, 1, 0);
      CREATE TABLE used_again (kind INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
    `,
    down: `
      DROP TABLE used_again; DROP TABLE meta; DROP TABLE word; DROP TABLE entry; DROP TABLE revision; DROP TABLE object; DROP TABLE string;
    `,
  },
  {
    // Texts can be rendered anew: going back loses nothing that happened.
    up: `CREATE TABLE text (digest BLOB PRIMARY KEY, kept INTEGER NOT NULL, data BLOB NOT NULL)`,
    down: `DROP TABLE text`,
  },
  {
    // `deleted`: entries since the last sweep. Going back loses the chain: nothing does that but a test.
    up: `
      CREATE TABLE audit (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL, digest BLOB NOT NULL);
      CREATE TABLE audit_chain (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        base INTEGER NOT NULL, base_digest BLOB NOT NULL, head INTEGER NOT NULL, head_digest BLOB NOT NULL, bytes INTEGER NOT NULL
      );
      INSERT INTO audit_chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32), 0);
      CREATE TABLE audit_taken (name TEXT PRIMARY KEY) WITHOUT ROWID;
      ALTER TABLE meta ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
    `,
    down: `ALTER TABLE meta DROP COLUMN deleted; DROP TABLE audit_taken; DROP TABLE audit_chain; DROP TABLE audit`,
  },
]

export const schemaVersion = steps.length

export function readVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
}

/** Brings the file to `version`, all steps or none; `version` 0 is an empty file. */
export function migrate(database: DatabaseSync, version: number): void {
  if (readVersion(database) === version) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have come first.
    const found = readVersion(database)
    for (let at = found; at < version; at++) database.exec(steps[at]?.up ?? '')
    for (let at = found; at > version; at--) database.exec(steps[at - 1]?.down ?? '')
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
