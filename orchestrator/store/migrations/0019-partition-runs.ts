import type { Migration } from './migration.ts'

/**
 * Where partitions follow each other in the same state, so that hundreds of thousands are read as a few runs: one scan of
 * the index, one comparison a row.
 */
export const partitionRuns: Migration = {
  number: 19,
  name: 'partition-runs',
  sql: `
-- In one number, from its lowest bit: whether it was ever made (1 bit), its status (3), whether its key is a date, a time
-- or a time with its offset (2), and by how many minutes the key's time is ahead of the position, plus 4096 (13). Rows
-- of which it is equal, and whose positions are equally far apart, have keys that are too.
create function traitline.partition_state(partition text, "position" bigint, status text, made boolean) returns integer
language sql immutable as $$
  select case when made then 1 else 0 end
    + case status when 'running' then 0 when 'materialized' then 2 when 'failed' then 4 when 'upstream_failed' then 6
        else 8 end
    + case when shape = 0 or ahead not between -4095 and 4095 then 0 else shape * 16 + (ahead + 4096) * 64 end
  from (
    select shape, case when shape > 0 then (
      -- Days since 1970 of a date, counted in years that begin in March.
      (y / 400 * 146097 + y % 400 * 365 + y % 400 / 4 - y % 400 / 100
        + (153 * ((m + 9) % 12) + 2) / 5 + d - 719469) * 1440
      + case when shape > 1 then substr(partition, 12, 2)::bigint * 60 + substr(partition, 15, 2)::bigint else 0 end
      - floor("position" / 60000.0)::bigint
    ) end as ahead
    from (
      select shape, case when shape > 0 then substr(partition, 1, 4)::bigint - case when m <= 2 then 1 else 0 end end as y,
        m, case when shape > 0 then substr(partition, 9, 2)::bigint end as d
      from (
        select shape, case when shape > 0 then substr(partition, 6, 2)::bigint end as m
        from (
          select case when partition ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then 1
            when partition ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$' then 2
            when partition ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}$' then 3
            else 0 end as shape
        ) shaped
      ) months
    ) dates
  ) timed
$$;
alter table traitline.asset_partition add column state integer
  generated always as (traitline.partition_state(partition, position, status, data_version is not null)) stored;
drop index traitline.asset_partition_order;
create index asset_partition_order on traitline.asset_partition (asset_id, position, partition) include (state);
`,
}
