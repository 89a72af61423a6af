import pg from 'pg'
import { configError } from '../kit/index.ts'

/** Raised with each change of the tables. */
const version = 1
/** Any number that nobody else locks: only one program makes tables at a time. */
const ddlLock = 7_246_111

/** Names of the store's tables and functions, quoted. */
export interface StoreNames {
  readonly schema: string
  readonly collections: string
  readonly profiles: string
  readonly externalIds: string
  readonly merged: string
}

export function storeNames(schema: string): StoreNames {
  const quoted = pg.escapeIdentifier(schema)
  return {
    schema: quoted,
    collections: `${quoted}.collections`,
    profiles: `${quoted}.profiles`,
    externalIds: `${quoted}.external_ids`,
    merged: `${quoted}.merged`,
  }
}

/** Makes what is missing. A store of a newer Traitline is refused rather than guessed at. */
export async function ensureStore(
  client: pg.Client,
  names: StoreNames,
  collections: readonly string[],
  idType: string,
): Promise<void> {
  await client.query('begin')
  await client.query('select pg_advisory_xact_lock($1)', [ddlLock])
  await client.query(tables(names))
  for (const name of new Set(collections)) {
    await client.query(
      `insert into ${names.collections} (name, id_type, version) values ($1, $2, ${version}) on conflict (name) do nothing`,
      [name, idType],
    )
  }
  const { rows } = await client.query<{ name: string; id_type: string; version: number }>(
    `select name, id_type, version from ${names.collections} where name = any($1)`,
    [collections],
  )
  for (const one of rows) {
    if (one.version > version) {
      throw configError(`The collection ${one.name} was made by a newer Traitline: use that one.`)
    }
    if (one.id_type !== idType) {
      throw configError(
        `The ids of the collection ${one.name} are called ${one.id_type}, not ${idType}: correct id_type.`,
      )
    }
  }
  await client.query('commit')
}

/**
 * `merged` puts the parts of a profile together; of a field that several have, the part whose name comes last counts.
 * Looking up by any external id is one look into the primary key of `external_ids`.
 */
function tables({ schema, collections, profiles, externalIds, merged }: StoreNames): string {
  return `
    create schema if not exists ${schema};
    create table if not exists ${collections} (
      name text primary key, id_type text not null, version integer not null, created_at timestamptz not null default now());
    create table if not exists ${profiles} (
      collection text not null, id text not null,
      parts jsonb not null, traits jsonb not null, external_ids jsonb not null,
      revision bigint not null, updated_at timestamptz not null,
      primary key (collection, id)) with (fillfactor = 80);
    create table if not exists ${externalIds} (
      collection text not null, type text not null, value text not null, profile text not null,
      primary key (collection, type, value, profile));
    create index if not exists external_ids_profile on ${externalIds} (collection, profile);
    create or replace function ${merged}(parts jsonb, what text) returns jsonb language sql immutable parallel safe as $$
      select coalesce(jsonb_object_agg(field.key, field.value order by part.key), '{}')
      from jsonb_each(parts) part, jsonb_each(part.value -> what) field $$;`
}
