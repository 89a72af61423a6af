import type { StoreNames } from './schema.ts'

/** The temporary table that a batch's rows are copied to, for one transaction. */
export const stage = 'traitline_stage'

export const makeStage = `create temp table if not exists ${stage} (id text not null, part jsonb not null) on commit drop; truncate ${stage}`

/*
 * Statements with $1 the collection and $2 the part. Profiles are touched in the order of their ids, so that writers
 * seldom wait for each other crosswise. What profiles are looked up by follows those that changed, in the same statement:
 * nothing else is read.
 */

/** A part as it is by now. One that is the same already changes nothing, so that a batch that is sent again does not. */
export function setPart({ profiles, externalIds, merged }: StoreNames): string {
  const parts = 'p.parts || excluded.parts'
  const alone = `p.parts - $2::text = '{}'`
  const together = (column: string, what: string): string =>
    `${column} = case when ${alone} then excluded.${column} else ${merged}(${parts}, '${what}') end`
  return `
    with changed as (
      insert into ${profiles} as p (collection, id, parts, traits, external_ids, revision, updated_at)
      select $1, id, jsonb_build_object($2::text, part), part -> 'traits', part -> 'ids', 1, now()
      from ${stage} order by id
      on conflict (collection, id) do update set parts = ${parts}, ${together('traits', 'traits')},
        ${together('external_ids', 'ids')}, revision = p.revision + 1, updated_at = now()
      where p.parts -> $2::text is distinct from excluded.parts -> $2::text
      returning p.id, p.external_ids, p.revision = 1 as made),
    gone as (${dropIds(externalIds, 'select id, external_ids from changed where not made')})
    ${addIds(externalIds, 'changed')}`
}

/** A profile of which no part is left is gone. */
export function takePart({ profiles, externalIds, merged }: StoreNames): string {
  const mine = `from (select id from ${stage} order by id) s where p.collection = $1 and p.id = s.id and p.parts ? $2::text`
  const left = 'p.parts - $2::text'
  return `
    with kept as (
      update ${profiles} p set parts = ${left}, traits = ${merged}(${left}, 'traits'),
        external_ids = ${merged}(${left}, 'ids'), revision = p.revision + 1, updated_at = now()
      ${mine} and ${left} <> '{}' returning p.id, p.external_ids),
    dropped as (delete from ${profiles} p ${mine.replace('from', 'using')} and ${left} = '{}' returning p.id),
    gone as (${dropIds(externalIds, `select * from kept union all select id, '{}' from dropped`)})
    ${addIds(externalIds, 'kept')}`
}

function dropIds(externalIds: string, changed: string): string {
  return `delete from ${externalIds} e using (${changed}) c
      where e.collection = $1 and e.profile = c.id and c.external_ids ->> e.type is distinct from e.value`
}

function addIds(externalIds: string, changed: string): string {
  return `insert into ${externalIds} (collection, type, value, profile)
    select $1, i.key, i.value, c.id from ${changed} c cross join lateral jsonb_each_text(c.external_ids) i
    order by 2, 3, 4 on conflict do nothing`
}
