import type { Migration } from './migration.ts'

/**
 * Partitions: one row each for what it is now (`asset_partition`) and for what became of it in a run
 * (`run_partition`), and one an asset with sums over all of them, so that neither a count nor the version of the whole
 * is ever a scan.
 */
export const partitions: Migration = {
  number: 8,
  name: 'partitions',
  sql: `
create table traitline.asset_partition (
  asset_id bigint not null references traitline.asset,
  partition text collate "C" not null,
  -- Start of its window in milliseconds, or its number: what pages are sorted by.
  position bigint not null,
  status text not null,
  last_attempt text not null default 'none',
  run text,
  data_version text,
  code_version text,
  upstream jsonb,
  warehouse text,
  rows bigint,
  failed_checks text[] not null default '{}',
  materialized_at timestamptz,
  duration_ms double precision,
  failure jsonb,
  primary key (asset_id, partition)
) with (fillfactor = 70);
create index asset_partition_order on traitline.asset_partition (asset_id, position, partition) include (status);
create index asset_partition_by_status on traitline.asset_partition (asset_id, status, position, partition);

create table traitline.partition_total (
  asset_id bigint primary key references traitline.asset,
  -- Sum of the hashes of all partitions with their versions: equal sums, equal content.
  content numeric not null default 0,
  latest_position bigint,
  -- The same of the partitions at the latest position.
  latest_content numeric not null default 0,
  running integer not null default 0,
  materialized integer not null default 0,
  failed integer not null default 0,
  upstream_failed integer not null default 0,
  cancelled integer not null default 0,
  made integer not null default 0
) with (fillfactor = 50);

create function traitline.partition_hash(partition text, data_version text) returns numeric language sql immutable as $$
  select hashtextextended(partition || ' ' || data_version, 0)::numeric
$$;

-- Runs after the statement, and so under the log's lock, which every statement that writes partitions takes: totals are
-- written under it alone, as asset_status is.
create function traitline.add_partitions() returns trigger language plpgsql as $$
begin
  insert into traitline.partition_total as total (asset_id, content, latest_position, latest_content, running,
    materialized, failed, upstream_failed, cancelled, made)
  select asset_id, coalesce(sum(traitline.partition_hash(partition, data_version)), 0),
    max(position) filter (where data_version is not null),
    coalesce(sum(traitline.partition_hash(partition, data_version)) filter (where position = latest), 0),
    count(*) filter (where status = 'running'), count(*) filter (where status = 'materialized'),
    count(*) filter (where status = 'failed'), count(*) filter (where status = 'upstream_failed'),
    count(*) filter (where status = 'cancelled'), count(data_version)
  from (
    select *, max(position) filter (where data_version is not null) over (partition by asset_id) as latest from added
  ) added
  group by asset_id
  on conflict (asset_id) do update set
    content = total.content + excluded.content,
    latest_content = case
      when excluded.latest_position is null then total.latest_content
      when total.latest_position is null or excluded.latest_position > total.latest_position then excluded.latest_content
      when excluded.latest_position = total.latest_position then total.latest_content + excluded.latest_content
      else total.latest_content
    end,
    latest_position = greatest(total.latest_position, excluded.latest_position),
    running = total.running + excluded.running,
    materialized = total.materialized + excluded.materialized,
    failed = total.failed + excluded.failed,
    upstream_failed = total.upstream_failed + excluded.upstream_failed,
    cancelled = total.cancelled + excluded.cancelled,
    made = total.made + excluded.made;
  return null;
end $$;

create function traitline.change_partitions() returns trigger language plpgsql as $$
begin
  with change as (
    select asset_id, position, status, data_version, partition, 1 as sign from added
    union all
    select asset_id, position, status, data_version, partition, -1 from removed
  ), latest as (
    select asset_id, max(position) as position from added where data_version is not null group by asset_id
  ), sums as (
    select change.asset_id, latest.position as latest,
      coalesce(sum(sign * traitline.partition_hash(partition, data_version)), 0) as content,
      sum(sign) filter (where status = 'running') as running, sum(sign) filter (where status = 'materialized') as materialized,
      sum(sign) filter (where status = 'failed') as failed,
      sum(sign) filter (where status = 'upstream_failed') as upstream_failed,
      sum(sign) filter (where status = 'cancelled') as cancelled,
      sum(sign) filter (where data_version is not null) as made
    from change left join latest using (asset_id)
    group by change.asset_id, latest.position
  )
  update traitline.partition_total as total set
    content = total.content + sums.content,
    latest_content = case
      when sums.latest > coalesce(total.latest_position, sums.latest - 1) then 0 else total.latest_content
    end + coalesce((
      select sum(sign * traitline.partition_hash(partition, data_version)) from change
      where change.asset_id = total.asset_id and change.position = greatest(total.latest_position, sums.latest)
    ), 0),
    latest_position = greatest(total.latest_position, sums.latest),
    running = total.running + coalesce(sums.running, 0),
    materialized = total.materialized + coalesce(sums.materialized, 0),
    failed = total.failed + coalesce(sums.failed, 0),
    upstream_failed = total.upstream_failed + coalesce(sums.upstream_failed, 0),
    cancelled = total.cancelled + coalesce(sums.cancelled, 0),
    made = total.made + coalesce(sums.made, 0)
  from sums where sums.asset_id = total.asset_id;
  return null;
end $$;

create trigger add_partitions after insert on traitline.asset_partition
  referencing new table as added for each statement execute function traitline.add_partitions();
create trigger change_partitions after update on traitline.asset_partition
  referencing old table as removed new table as added for each statement execute function traitline.change_partitions();

create table traitline.run_partition (
  run text not null references traitline.run,
  asset_id bigint not null references traitline.asset,
  partition text collate "C" not null,
  -- In the order of the plan.
  position integer not null default 0,
  step text not null,
  status text not null,
  reasons jsonb not null default '[]',
  attempt integer not null default 0,
  started_at timestamptz,
  ended_at timestamptz,
  failure jsonb,
  upstream text,
  reason text,
  revision integer,
  code_version text,
  data_version text,
  upstream_versions jsonb,
  rows bigint,
  duration_ms double precision,
  failed_checks text[] not null default '{}',
  primary key (run, asset_id, partition)
) with (fillfactor = 80);
create index on traitline.run_partition (asset_id, partition, started_at);

create table traitline.partition_key (
  scope_id integer not null references traitline.scope,
  set_name text not null,
  key text not null,
  position bigint generated always as identity,
  added_at timestamptz not null default now(),
  primary key (scope_id, set_name, key)
);

-- As it was written; null for a run that names none.
alter table traitline.run add column partitions text;
-- How many partitions of the asset are planned; null for an asset without.
alter table traitline.run_asset add column partitions integer;
`,
}
