import type { Migration } from './migration.ts'

/** What a step's log takes is known without reading it, so that it can be kept within bounds. */
export const logLimits: Migration = {
  number: 3,
  name: 'log limits',
  sql: `
alter table traitline.log_stream add column bytes bigint not null default 0;
alter table traitline.log_stream add column created_at timestamptz not null default now();
alter table traitline.log_chunk add column bytes integer not null default 0;

update traitline.log_chunk set bytes = octet_length(lines::text);
update traitline.log_stream set bytes = (
  select coalesce(sum(bytes), 0) from traitline.log_chunk
  where log_chunk.run = log_stream.run and log_chunk.step = log_stream.step
);
create index on traitline.log_stream (created_at);
`,
}
