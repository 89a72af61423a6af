import type { Migration } from './migration.ts'

/**
 * Checks of partitions: a result belongs to a partition as one run made it. What fails anywhere, and what fails on the
 * latest partitions, is kept with the totals, so that whoever reads an asset as a whole need not look at all of them.
 */
export const partitionChecks: Migration = {
  number: 18,
  name: 'partition checks',
  sql: `
create table traitline.partition_check (
  asset_id bigint not null references traitline.asset,
  partition text collate "C" not null,
  -- That evaluated it: the run that made the partition, or a check run.
  run text not null,
  position integer not null,
  -- The run whose materialisation was looked at.
  made_run text not null,
  name text not null,
  severity text not null,
  passed boolean not null,
  failures bigint,
  message text,
  blocking boolean not null,
  metadata jsonb not null default '{}',
  reference jsonb,
  at timestamptz not null default now(),
  primary key (asset_id, partition, run, position)
);
create index on traitline.partition_check (asset_id, at);
create index on traitline.partition_check (run);

alter table traitline.asset_partition add column made_run text;
update traitline.asset_partition set made_run = (
  select run from traitline.run_partition ran
  where ran.asset_id = asset_partition.asset_id and ran.partition = asset_partition.partition
    and ran.status = 'materialized'
  order by ended_at desc limit 1)
where data_version is not null;
create index asset_partition_failing on traitline.asset_partition (asset_id, position) where failed_checks <> '{}';

alter table traitline.check_run add column partitions text;

alter table traitline.partition_total
  add column failing integer not null default 0,
  add column failed_checks text[] not null default '{}',
  add column latest_failed_checks text[] not null default '{}';

-- After the totals, whose latest position it reads: triggers go by their names.
create function traitline.note_failing() returns trigger language plpgsql as $$
declare
  assets bigint[] := array(
    select distinct added.asset_id from added left join traitline.partition_total total using (asset_id)
    where added.failed_checks <> '{}' or total.failing > 0);
begin
  if cardinality(assets) = 0 then return null; end if;
  with failing as materialized (
    select asset_id, position, failed_checks from traitline.asset_partition
    where asset_id = any(assets) and failed_checks <> '{}'
  ), found as (
    select asset_id, (select count(*) from failing where failing.asset_id = total.asset_id) as failing,
      array(select distinct name from failing, unnest(failing.failed_checks) as name
        where failing.asset_id = total.asset_id order by name) as names,
      array(select distinct name from failing, unnest(failing.failed_checks) as name
        where failing.asset_id = total.asset_id and failing.position = total.latest_position order by name) as latest
    from traitline.partition_total total where asset_id = any(assets)
  ), totalled as (
    update traitline.partition_total as total
    set failing = found.failing, failed_checks = found.names, latest_failed_checks = found.latest
    from found where found.asset_id = total.asset_id
  )
  update traitline.asset_status set failed_checks = found.names
  from found where found.asset_id = asset_status.asset_id and asset_status.failed_checks is distinct from found.names;
  return null;
end $$;

create trigger note_failing_added after insert on traitline.asset_partition
  referencing new table as added for each statement execute function traitline.note_failing();
create trigger note_failing_changed after update on traitline.asset_partition
  referencing new table as added for each statement execute function traitline.note_failing();
`,
}
