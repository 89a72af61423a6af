import type { Database } from '../database/database.ts'

/** A vendor's limit that worker processes share: a bucket of `burst` calls, which fills at `perSecond`. */
export interface SharedRate {
  /** A hash: nothing of a configuration is in it. */
  readonly name: string
  readonly perSecond: number
  readonly burst: number
}

/**
 * What became of asking for calls. The first of those that were granted is due in `startMs` (negative: was due, since
 * calls were saved up), each further one `1000 / perSecond` later. Otherwise it is worth asking again in `waitMs`.
 */
export type RateGrant = { readonly startMs: number } | { readonly waitMs: number }

/** Rates of vendors, kept to by all processes together. */
export interface RateStore {
  /** Takes so many calls at once if the next one is due, and nothing otherwise. One statement. */
  take(rate: SharedRate, calls: number): Promise<RateGrant>
  /** No call is due before `ms` from now, and none is saved up then. */
  pause(rate: SharedRate, ms: number): Promise<void>
  /** A random text that is the same for all processes on this database, and for none on another. */
  salt(): Promise<string>
}

const clock = `extract(epoch from clock_timestamp()) * 1000`

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): all that is known of a bucket is when it would be full. A call
 * is due `burst - 1` calls before that.
 *
 * $1 name, $2 milliseconds of the calls that are asked for, $3 of those that may be saved up.
 */
const take = {
  name: 'traitline_rate_take',
  text: `
with taken as (
  insert into traitline.rate_limit as known (name, full_at_ms) values ($1, ${clock} + $2::float8)
  on conflict (name) do update
    set full_at_ms = greatest(known.full_at_ms, excluded.full_at_ms - $2::float8) + $2::float8
    where known.full_at_ms <= excluded.full_at_ms - $2::float8 + $3::float8
  returning full_at_ms
)
select full_at_ms - $2::float8 - $3::float8 - ${clock} as start, null::float8 as wait from taken
union all
select null, full_at_ms - $3::float8 - ${clock} from traitline.rate_limit
where name = $1 and not exists (select from taken)`,
}

/** $2 milliseconds until the bucket is full again, all that may be saved up counted. */
const pause = {
  name: 'traitline_rate_pause',
  text: `
insert into traitline.rate_limit as known (name, full_at_ms) values ($1, ${clock} + $2::float8)
on conflict (name) do update set full_at_ms = greatest(known.full_at_ms, excluded.full_at_ms)`,
}

const salt = { name: 'traitline_rate_salt', text: 'select salt from traitline.rate_salt' }

export function createRateStore({ pool }: Database): RateStore {
  return {
    async take({ name, perSecond, burst }, calls) {
      const ms = 1_000 / perSecond
      const rows = await pool.run<{ start: number | null; wait: number | null }>(take, [
        ...[name, calls * ms, (burst - 1) * ms],
      ])
      const { start = null, wait = null } = rows[0] ?? {}
      // No row at all: another process made it between the two halves of the statement.
      return start === null ? { waitMs: Math.max(0, wait ?? 0) } : { startMs: start }
    },
    async pause({ name, perSecond, burst }, ms) {
      await pool.run(pause, [name, ms + ((burst - 1) * 1_000) / perSecond])
    },
    async salt() {
      const [row] = await pool.run<{ salt: string }>(salt, [])
      if (row === undefined) throw new Error('the database has no salt')
      return row.salt
    },
  }
}
