import type { Migration } from './migration.ts'

/**
 * Rates of vendors that worker processes share, each as the time at which its bucket would be full again. Unlogged: after
 * a crash of the database a bucket starts full, which costs a burst. The salt keeps what the names are made of, a
 * destination's configuration, from being told by trying.
 */
export const rateLimits: Migration = {
  number: 27,
  name: 'rate-limits',
  sql: `
create unlogged table traitline.rate_limit (
  name text primary key,
  full_at_ms double precision not null
);
create index on traitline.rate_limit (full_at_ms);

create table traitline.rate_salt (salt text not null);
insert into traitline.rate_salt values (gen_random_uuid()::text || gen_random_uuid()::text);
`,
}
